import { randomUUID } from 'node:crypto';
import type { CommandBroker } from '@infoscreen/commands';
import { createDatabase, type Database } from '@infoscreen/prisma';
import type { RecoveryDeps, RecoverySettings } from '@infoscreen/scheduler';
import { createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll } from '@jest/globals';

type Pool = Database['pool'];

/** Of a database that has to be filled first. */
const START_TIMEOUT_MS = 180_000;

export function useDatabase(makeDatabase: () => Promise<TestDatabase> = createTestDatabase): {
  readonly pool: Pool;
  readonly asOwner: TestDatabase['asOwner'];
  readonly ownerUrl: string;
} {
  let test: TestDatabase | undefined;
  let database: Database | undefined;
  beforeAll(async () => {
    const created = await makeDatabase();
    test = created;
    database = createDatabase({ url: created.url, applicationName: 'scheduler-test', poolSize: 12 });
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await database?.close();
    await test?.drop();
  });
  return {
    get pool() {
      if (database === undefined) throw new Error('use the pool inside a test');
      return database.pool;
    },
    get asOwner() {
      if (test === undefined) throw new Error('use the database inside a test');
      return test.asOwner;
    },
    get ownerUrl() {
      if (test === undefined) throw new Error('use the database inside a test');
      return test.ownerUrl;
    },
  };
}

export const recovery: RecoverySettings = {
  enabled: true,
  restarts: 3,
  backoffSeconds: 300,
  graceSeconds: 180,
  stormFraction: 0.2,
};

export class SentCommands implements CommandBroker {
  connected = true;
  readonly payloads: {
    readonly client_uuid: string;
    readonly action: string;
    readonly requested_by: string;
  }[] = [];

  async publish(topic: string, payload: string): Promise<void> {
    if (topic.endsWith('/commands')) this.payloads.push(JSON.parse(payload));
  }
}

export function recoveryDeps(
  pool: Pool,
  broker: CommandBroker,
  changed: Partial<RecoverySettings> = {},
): RecoveryDeps {
  return {
    pool,
    broker,
    instance: 'scheduler-1',
    logger: { info: () => {}, warn: () => {} },
    settings: {
      commandTtlSeconds: 240,
      resultTimeoutSeconds: 300,
      lockoutMaxCommands: 3,
      lockoutWindowSeconds: 900,
      legacyTopics: true,
    },
    recovery: { ...recovery, ...changed },
  };
}

/** The ingest at work, and no outage in the past. */
export async function everythingAtWork(pool: Pool): Promise<void> {
  await pool.query(
    `INSERT INTO listener_lanes (lane, holder, lease_until, acks_stored_at, telemetry_stored_at)
     SELECT lane, 'listener-1', now() + interval '1 hour', now(), now() FROM generate_series(0, 3) lane
     ON CONFLICT (lane_count, lane) DO UPDATE SET holder = 'listener-1', lease_until = excluded.lease_until,
       acks_stored_at = now(), telemetry_stored_at = now()`,
  );
  await pool.query('UPDATE recovery_watch SET quiet_until = NULL, last_healthy_at = now()');
}

export interface ScreenFacts {
  readonly processStatus?: 'running' | 'crashed';
  readonly aliveSecondsAgo?: number;
  readonly messageSecondsAgo?: number;
  readonly online?: boolean;
}

export async function createScreen(
  pool: Pool,
  { processStatus = 'running', aliveSecondsAgo = 5, messageSecondsAgo = 5, online = true }: ScreenFacts = {},
): Promise<string> {
  const uuid = randomUUID();
  await pool.query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
  await pool.query(
    `UPDATE client_states SET boot_id = 'boot-1', process_status = $2, last_alive = now() - make_interval(secs => $3),
       last_message_at = now() - make_interval(secs => $4), presence_online = $5 WHERE client_uuid = $1`,
    [uuid, processStatus, aliveSecondsAgo, messageSecondsAgo, online],
  );
  return uuid;
}
