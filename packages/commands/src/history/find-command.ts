import type { Queryable } from '@infoscreen/prisma';
import {
  type StoredCommand,
  type StoredCommandEvent,
  toStoredCommand,
  toStoredCommandEvent,
} from '../stored-command.ts';

const MAX_TIMELINE_ROWS = 500;

/** One command with its timeline, oldest step first; null where there is none with this id. */
export async function findCommand(
  db: Queryable,
  commandId: string,
): Promise<{ readonly command: StoredCommand; readonly timeline: readonly StoredCommandEvent[] } | null> {
  const { rows } = await db.query('SELECT * FROM client_commands WHERE command_id = $1', [commandId]);
  if (rows[0] === undefined) return null;
  const events = await db.query(
    `SELECT kind, from_status, to_status, source, actor, device_time, server_time, error_code, detail
     FROM client_command_events WHERE command_id = $1 ORDER BY id LIMIT $2`,
    [commandId, MAX_TIMELINE_ROWS],
  );
  return { command: toStoredCommand(rows[0]), timeline: events.rows.map(toStoredCommandEvent) };
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
