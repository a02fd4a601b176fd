import { prepared, type Queryable } from '@infoscreen/prisma';
import {
  COMMAND_COLUMNS,
  type StoredCommand,
  type StoredCommandEvent,
  toStoredCommand,
  toStoredCommandEvent,
} from '../stored-command.ts';

const MAX_TIMELINE_ROWS = 500;

/** One command with its timeline, oldest step first, of the same moment; null where there is none with this id. */
export async function findCommand(
  db: Queryable,
  commandId: string,
): Promise<{ readonly command: StoredCommand; readonly timeline: readonly StoredCommandEvent[] } | null> {
  const statement = prepared(
    `SELECT ${COMMAND_COLUMNS.map((column) => `c.${column}`).join(', ')}, (
       SELECT coalesce(json_agg(e), '[]') FROM (
         SELECT kind, from_status, to_status, source, actor, device_time, server_time, error_code, detail
         FROM client_command_events WHERE command_id = c.command_id ORDER BY id LIMIT $2
       ) e) AS timeline
     FROM client_commands c WHERE c.command_id = $1`,
    [commandId, MAX_TIMELINE_ROWS],
  );
  const { rows } = await db.query<Record<string, unknown> & { timeline: readonly JsonEvent[] }>(statement);
  if (rows[0] === undefined) return null;
  const { timeline, ...row } = rows[0];
  return { command: toStoredCommand(row), timeline: timeline.map(toEvent) };
}

/** A row of the timeline as JSON has it: with times as text. */
type JsonEvent = Record<string, unknown> & {
  readonly device_time: string | null;
  readonly server_time: string;
};

function toEvent(event: JsonEvent): StoredCommandEvent {
  return toStoredCommandEvent({
    ...event,
    device_time: event.device_time === null ? null : new Date(event.device_time),
    server_time: new Date(event.server_time),
  });
}

/** The commands with these ids, in any order; ids of none are left out. */
export async function findCommands(
  db: Queryable,
  commandIds: readonly string[],
): Promise<readonly StoredCommand[]> {
  const { rows } = await db.query('SELECT * FROM client_commands WHERE command_id = ANY ($1::uuid[])', [
    commandIds,
  ]);
  return rows.map(toStoredCommand);
}
