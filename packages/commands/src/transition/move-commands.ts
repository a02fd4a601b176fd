import { prepared, type Queryable } from '@infoscreen/prisma';
import type { CommandEventSource, CommandStatus, LifecycleEvent } from '@infoscreen/shared-types';
import { TRANSITIONS } from '@infoscreen/shared-types';
import type { QueryConfig } from 'pg';
import { COMMAND_COLUMNS, type StoredCommand, toStoredCommand } from '../stored-command.ts';

/** One command that shall be moved. */
export interface MoveRow {
  readonly commandId: string;
  readonly event: LifecycleEvent;
  /** Of the timeline. */
  readonly actor: string;
}

export interface Moves<Row extends MoveRow> {
  /** Each command once. */
  readonly rows: readonly Row[];
  readonly source: CommandEventSource;
  /** Further columns of the row `t`, which stands for what is told of each command: their types, and each one's value. */
  readonly columns?: Readonly<Record<string, readonly [type: string, read: (row: Row) => unknown]>>;
  /** SQL for the timeline's columns; constants or expressions over the moved row `m` and `t`. */
  readonly recorded?: { readonly errorCode?: string; readonly detail?: string; readonly deviceTime?: string };
  /** Further conditions on the row `c`, besides the states of the table. */
  readonly guard?: string;
  /** Assignments besides `status`, over the rows `c` and `t`; `t.to_status` is the new state. */
  readonly set: string;
  /** Values of `$6` and up, after the columns, where there are any. */
  readonly values?: readonly unknown[];
  /** Leaves out what another transaction holds, rather than have all others of the batch wait for it. */
  readonly skipsLocked?: boolean;
}

export interface Moved {
  readonly from: CommandStatus;
  readonly command: StoredCommand;
}

const FIXED_PARAMETERS = 5;

/**
 * Makes one transition of each of some commands, each with its row in the timeline, in one statement and so in one transaction.
 *
 * Enters: commands in one of their event's from-states (`TRANSITIONS`) that also meet `guard`. Leaves: the same commands in
 * their event's to-state; not those where another process was faster or the state doesn't allow the event.
 * Each row is locked before its state is read: of two callers, the second sees what the first has committed, and
 * nothing can ever be moved out of an end. The UPDATE doesn't ask for the state again: the lock holds it, and the
 * statement's snapshot, older than the wait for the lock, may still show the state before. Locks are taken in the order of
 * the ids, so that two batches never wait for each other. All times are the database's.
 * @returns those that were moved, in any order
 */
export async function moveCommands<Row extends MoveRow>(
  db: Queryable,
  moves: Moves<Row>,
): Promise<readonly Moved[]> {
  return movedOf(await db.query<MovedRow>(moveStatement(moves)));
}

type MovedRow = Record<string, unknown> & { readonly from_status: CommandStatus };

/** The statement of `moveCommands`, for a caller that sends it together with others. */
export function moveStatement<Row extends MoveRow>(moves: Moves<Row>): QueryConfig {
  const { rows, source, columns = {}, values = [] } = moves;
  const transitions = rows.map(({ event }) => TRANSITIONS[event]);
  return prepared(sqlOf(moves), [
    rows.map(({ commandId }) => commandId),
    transitions.map(({ from }) => from.join()),
    transitions.map(({ to }) => to),
    rows.map(({ actor }) => actor),
    source,
    ...Object.values(columns).map(([, read]) => rows.map(read)),
    ...values,
  ]);
}

/** What it moved. @param result of `moveStatement` */
export function movedOf({ rows }: { readonly rows: readonly MovedRow[] }): readonly Moved[] {
  return rows.map((row) => ({ from: row.from_status, command: toStoredCommand(row) }));
}

function sqlOf<Row extends MoveRow>({
  columns = {},
  recorded = {},
  guard,
  set,
  skipsLocked,
}: Moves<Row>): string {
  const more = Object.entries(columns);
  const names = ['command_id', 'from_statuses', 'to_status', 'actor', ...more.map(([name]) => name)];
  const arrays = more.map(([, [type]], index) => `, $${FIXED_PARAMETERS + index + 1}::${type}[]`).join('');
  return `WITH t AS MATERIALIZED (
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]${arrays}) AS t (${names.join(', ')})
     ), before AS MATERIALIZED (
       SELECT c.command_id, c.status AS from_status FROM client_commands c JOIN t USING (command_id)
       WHERE c.status = ANY (string_to_array(t.from_statuses, ',')) AND (${guard ?? 'true'})
       ORDER BY c.command_id FOR UPDATE OF c${skipsLocked === true ? ' SKIP LOCKED' : ''}
     ), m AS (
       UPDATE client_commands c SET status = t.to_status, ${set}
       FROM before b JOIN t USING (command_id) WHERE c.command_id = b.command_id
       RETURNING ${COMMAND_COLUMNS.map((column) => `c.${column}`).join(', ')}, b.from_status
     ), recorded AS (
       INSERT INTO client_command_events
         (command_id, kind, from_status, to_status, source, actor, device_time, error_code, detail)
       SELECT m.command_id, 'transition', m.from_status, m.status, $5, t.actor, ${recorded.deviceTime ?? 'NULL'},
         ${recorded.errorCode ?? 'NULL'}, ${recorded.detail ?? 'NULL'} FROM m JOIN t USING (command_id)
     )
     SELECT * FROM m`;
}
