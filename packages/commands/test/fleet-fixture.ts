import { randomUUID } from 'node:crypto';
import type {
  CommandBroker,
  CommandRequest,
  IssueResult,
  LifecycleSettings,
  OutboxDeps,
  StoredCommand,
} from '@infoscreen/commands';
import { issueCommand } from '@infoscreen/commands';
import { createDatabase, type Database } from '@infoscreen/prisma';
import { type CommandAction, type CommandStatus, END_STATUSES } from '@infoscreen/shared-types';
import { createTestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll } from '@jest/globals';

export const settings: LifecycleSettings = {
  commandTtlSeconds: 240,
  resultTimeoutSeconds: 300,
  lockoutMaxCommands: 3,
  lockoutWindowSeconds: 900,
  legacyTopics: true,
};

/** A database of its own for the test file, with `replicas` pools, as that many processes would have. */
export function useDatabase(replicas = 1): {
  readonly pool: Database['pool'];
  readonly pools: readonly Database['pool'][];
} {
  let test: { readonly url: string; drop(): Promise<void> } | undefined;
  const databases: Database[] = [];
  beforeAll(async () => {
    test = await createTestDatabase();
    for (let replica = 0; replica < replicas; replica += 1) {
      databases.push(createDatabase({ url: test.url, applicationName: `replica-${replica}`, poolSize: 12 }));
    }
  });
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.close()));
    await test?.drop();
  });
  return {
    get pool() {
      const first = databases[0];
      if (first === undefined) throw new Error('use the pool inside a test');
      return first.pool;
    },
    get pools() {
      return databases.map((database) => database.pool);
    },
  };
}

type Pool = Database['pool'];

export async function createClient(
  pool: Pool,
  { bootId = 'boot-1' }: { readonly bootId?: string | null } = {},
): Promise<string> {
  const uuid = randomUUID();
  await pool.query('INSERT INTO clients (uuid, hostname) VALUES ($1, $2)', [
    uuid,
    `screen-${uuid.slice(0, 8)}`,
  ]);
  await pool.query(
    'UPDATE client_states SET boot_id = $2, last_message_at = now(), last_alive = now() WHERE client_uuid = $1',
    [uuid, bootId],
  );
  return uuid;
}

export function request(
  pool: Pool,
  clientUuid: string,
  action: CommandAction = 'reboot_host',
): Promise<IssueResult> {
  return issueCommand({ pool }, settings, requestOf(clientUuid, action));
}

export function requestOf(clientUuid: string, action: CommandAction = 'reboot_host'): CommandRequest {
  return {
    clientUuid,
    action,
    reason: 'a test',
    requestedBy: 'anna',
    requestedByUserId: null,
    requestId: null,
    idempotencyKey: null,
    source: 'api',
  };
}

/** A stored command of a new client, put into `status` past the lifecycle. */
export async function commandIn(
  pool: Pool,
  status: CommandStatus,
  action: CommandAction = 'reboot_host',
): Promise<StoredCommand> {
  const issued = await request(pool, await createClient(pool), action);
  if (!('command' in issued)) throw new Error(`not issued: ${issued.outcome}`);
  await force(pool, issued.command.commandId, status);
  return issued.command;
}

/** Puts a command into `status` past the lifecycle, with what the constraints of that status ask for. */
export async function force(pool: Pool, commandId: string, status: CommandStatus): Promise<void> {
  await pool.query(
    `UPDATE client_commands SET status = $2, finished_at = CASE WHEN $3 THEN now() END,
       publish_attempt = CASE WHEN $2 = 'queued' THEN 0 ELSE greatest(publish_attempt, 1) END,
       lease_until = CASE WHEN $2 = 'publish_in_progress' THEN now() - interval '1 second' END,
       execution_started_at = CASE WHEN $2 = 'execution_started' THEN now() END,
       result_due_at = CASE WHEN $2 = 'execution_started' THEN now() + interval '300 seconds' END
     WHERE command_id = $1`,
    [commandId, status, (END_STATUSES as readonly string[]).includes(status)],
  );
}

export async function statusOf(pool: Pool, commandId: string): Promise<CommandStatus> {
  const { rows } = await pool.query('SELECT status FROM client_commands WHERE command_id = $1', [commandId]);
  return rows[0].status;
}

/** Transitions in the timeline after the first row, as `from → to`. */
export async function transitionsOf(pool: Pool, commandId: string): Promise<readonly string[]> {
  const { rows } = await pool.query(
    `SELECT from_status || ' → ' || to_status AS step FROM client_command_events
     WHERE command_id = $1 AND kind = 'transition' AND from_status IS NOT NULL ORDER BY id`,
    [commandId],
  );
  return rows.map((row) => row.step);
}

/** Moves a command's deadlines into the past. */
export async function letTimeRunOut(pool: Pool, commandId: string): Promise<void> {
  await pool.query(
    `UPDATE client_commands SET expires_at = now() - interval '1 second',
       result_due_at = CASE WHEN result_due_at IS NOT NULL THEN now() - interval '1 second' END WHERE command_id = $1`,
    [commandId],
  );
}

export interface SentMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
}

/** A broker that keeps what it is given, and can be told to be away or to lose its acknowledgement. */
export class RecordingBroker implements CommandBroker {
  connected = true;
  sent: SentMessage[] = [];
  onPublish: (message: SentMessage) => Promise<void> = async () => {};

  async publish(topic: string, payload: string, { qos }: { readonly qos: 0 | 1 }): Promise<void> {
    const message = { topic, payload, qos };
    this.sent.push(message);
    await this.onPublish(message);
  }
}

const silent = { info: () => {}, warn: () => {} };

export function outbox(pool: Pool, broker: CommandBroker, instance = 'server-1'): OutboxDeps {
  return { pool, broker, settings, instance, logger: silent };
}
