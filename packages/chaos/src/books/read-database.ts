import type { CommandAction, CommandStatus } from '@infoscreen/shared-types';
import { isEnd } from '@infoscreen/shared-types';
import pg from 'pg';
import { groupBy } from './group-by.ts';
import { failureKey, type StoredCommand, type StoredEvent } from './records.ts';

export interface StoredRecords {
  readonly stored: readonly StoredCommand[];
  readonly storedFailures: ReadonlySet<string>;
}

interface CommandRow {
  readonly command_id: string;
  readonly client_uuid: string;
  readonly action: CommandAction;
  readonly status: CommandStatus;
  readonly reason: string | null;
  readonly boot_id: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly error_code: string | null;
  readonly late_outcome: string | null;
}

interface EventRow {
  readonly command_id: string;
  readonly kind: string;
  readonly from_status: CommandStatus | null;
  readonly to_status: CommandStatus;
  readonly source: string;
  readonly actor: string;
  readonly server_time: Date;
  readonly detail: string | null;
}

interface FailureRow {
  readonly client_uuid: string;
  readonly unit: string;
  readonly failed_at: Date;
}

/** Everything that the books need from the database; `url` goes past every proxy. */
export async function readDatabase(url: string): Promise<StoredRecords> {
  return withConnection(url, async (client) => {
    const commands = await client.query<CommandRow>('SELECT * FROM client_commands ORDER BY created_at');
    const events = await client.query<EventRow>('SELECT * FROM client_command_events ORDER BY id');
    const failures = await client.query<FailureRow>(
      'SELECT client_uuid, unit, failed_at FROM service_failures',
    );
    const timelines = groupBy(events.rows, ({ command_id }) => command_id);
    return {
      stored: commands.rows.map((row) => toStoredCommand(row, timelines.get(row.command_id) ?? [])),
      storedFailures: new Set(
        failures.rows.map(({ client_uuid, unit, failed_at }) =>
          failureKey({ clientUuid: client_uuid, unit, failedAt: failed_at.getTime() }),
        ),
      ),
    };
  });
}

/** How many commands are in each state. @throws while the database is away */
export async function countByStatus(url: string): Promise<Readonly<Record<string, number>>> {
  return withConnection(url, async (client) => {
    const { rows } = await client.query<{ status: string; count: number }>(
      'SELECT status, count(*)::int AS count FROM client_commands GROUP BY status ORDER BY status',
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  });
}

/** @throws while the database is away */
export async function allHaveEnded(url: string): Promise<boolean> {
  return Object.keys(await countByStatus(url)).every((status) => isEnd(status as CommandStatus));
}

async function withConnection<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2000,
    query_timeout: 30_000,
  });
  // The server may end while we are connected; the query tells.
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

function toStoredCommand(row: CommandRow, timeline: readonly EventRow[]): StoredCommand {
  return {
    commandId: row.command_id,
    clientUuid: row.client_uuid,
    action: row.action,
    status: row.status,
    reason: row.reason,
    bootId: row.boot_id,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    errorCode: row.error_code,
    lateOutcome: row.late_outcome,
    timeline: timeline.map(
      (event): StoredEvent => ({
        kind: event.kind,
        from: event.from_status,
        to: event.to_status,
        source: event.source,
        actor: event.actor,
        at: event.server_time.getTime(),
        detail: event.detail,
      }),
    ),
  };
}
