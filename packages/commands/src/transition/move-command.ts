import type { Queryable } from '@infoscreen/prisma';
import type { CommandEventSource, CommandStatus, LifecycleEvent } from '@infoscreen/shared-types';
import { TRANSITIONS } from '@infoscreen/shared-types';
import { type StoredCommand, toStoredCommand } from '../stored-command.ts';

export interface Move {
  readonly event: LifecycleEvent;
  readonly commandId: string;
  readonly source: CommandEventSource;
  readonly actor: string;
  readonly deviceTime?: Date | null;
  /** SQL for the timeline's columns; constants or expressions over the moved row `m`. */
  readonly recorded?: { readonly errorCode?: string; readonly detail?: string };
  /** Further conditions on the row `c`, besides the states of the table. */
  readonly guard?: string;
  /** Assignments besides `status`, over the row `c`. */
  readonly set: string;
  /** Values of `$6` and up, for `guard`, `set` and `recorded`. */
  readonly values?: readonly unknown[];
}

export interface Moved {
  readonly from: CommandStatus;
  readonly command: StoredCommand;
}

/**
 * Makes one transition of one command, with its row in the timeline, in one statement and so in one transaction.
 *
 * Enters: a command in one of the event's from-states (`TRANSITIONS`) that also meets `guard`. Leaves: the same command in
 * the event's to-state, or `undefined` where another process was faster or the state doesn't allow the event.
 * The row is locked before its state is read: of two callers, the second sees what the first has committed, and
 * nothing can ever be moved out of an end. The UPDATE doesn't ask for the state again: the lock holds it, and the
 * statement's snapshot, older than the wait for the lock, may still show the state before. All times are the database's.
 */
export async function moveCommand(db: Queryable, move: Move): Promise<Moved | undefined> {
  const { from, to } = TRANSITIONS[move.event];
  const { rows } = await db.query(
    `WITH before AS (
       SELECT c.command_id, c.status AS from_status FROM client_commands c
       WHERE c.command_id = $1 AND c.status = ANY($2) AND (${move.guard ?? 'true'})
       FOR UPDATE
     ), m AS (
       UPDATE client_commands c SET status = $3, ${move.set}
       FROM before b WHERE c.command_id = b.command_id
       RETURNING c.*, b.from_status
     ), recorded AS (
       INSERT INTO client_command_events
         (command_id, kind, from_status, to_status, source, actor, device_time, error_code, detail)
       SELECT m.command_id, 'transition', m.from_status, m.status, $4, $5, ${deviceTimeSql(move)},
         ${move.recorded?.errorCode ?? 'NULL'}, ${move.recorded?.detail ?? 'NULL'} FROM m
     )
     SELECT * FROM m`,
    [
      move.commandId,
      from,
      to,
      move.source,
      move.actor,
      ...(move.values ?? []),
      ...(move.deviceTime ? [move.deviceTime] : []),
    ],
  );
  const row = rows[0] as (Record<string, unknown> & { from_status: CommandStatus }) | undefined;
  return row === undefined ? undefined : { from: row.from_status, command: toStoredCommand(row) };
}

/** The device's time is the last value, where there is one. */
function deviceTimeSql({ deviceTime, values }: Move): string {
  return deviceTime ? `$${6 + (values?.length ?? 0)}::timestamptz` : 'NULL';
}
