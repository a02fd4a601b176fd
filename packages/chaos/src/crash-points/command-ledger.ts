import type { Execution } from '@infoscreen/device-agent';
import { type CommandStatus, END_STATUSES, isEnd } from '@infoscreen/shared-types';
import { eventually } from '@infoscreen/test-kit';
import type { CrashFleet } from './crash-fleet.ts';
import type { StateAtPoint } from './crash-points.ts';

/** A process that was killed, and what the database held of the command at that moment. */
export interface DeadProcess {
  readonly instance: string;
  readonly found: readonly StateAtPoint[];
}

/** What becomes of the commands that a screen is given from now on. */
export interface CommandLedger {
  states(): Promise<readonly StateAtPoint[]>;
  /** Lets the dead process's leases and the wait for the next try run out, by moving their times into the past. */
  lapse(idempotencyKey: string): Promise<void>;
  /** @throws when there isn't exactly one */
  onlyCommand(): Promise<string>;
  /** Resolves when another process than the dead one has sent it. */
  untilSentBySomeoneElse(commandId: string, dead: DeadProcess): Promise<void>;
  untilEnded(commandId: string): Promise<void>;
  /** What isn't as promised, now that it has ended. */
  problems(commandId: string, executions: readonly Execution[]): Promise<readonly string[]>;
}

const LAPSE_SQL = `
  UPDATE client_commands SET next_publish_at = now() - interval '1 s',
    lease_until = CASE WHEN lease_until IS NOT NULL THEN now() - interval '1 s' END
  WHERE client_uuid = $1 AND NOT (command_id = ANY ($2)) AND next_publish_at IS NOT NULL`;

export async function ledgerOf(fleet: CrashFleet, clientUuid: string): Promise<CommandLedger> {
  const { pool } = fleet;
  const { rows: old } = await pool.query('SELECT command_id FROM client_commands WHERE client_uuid = $1', [
    clientUuid,
  ]);
  const known = old.map(({ command_id: id }) => id);
  const read = async <Row>(columns: string) =>
    (
      await pool.query(
        `SELECT ${columns} FROM client_commands WHERE client_uuid = $1 AND NOT (command_id = ANY ($2))`,
        [clientUuid, known],
      )
    ).rows as Row[];
  const states = () => read<StateAtPoint>('status, publish_attempt, publish_count');
  return {
    states,
    lapse: async (idempotencyKey) => {
      await pool.query(LAPSE_SQL, [clientUuid, known]);
      await pool.query(
        'UPDATE idempotency_keys SET locked_until = now() WHERE key = $1 AND response_status IS NULL',
        [idempotencyKey],
      );
    },
    onlyCommand: async () => {
      const rows = await read<{ command_id: string }>('command_id');
      const [row] = rows;
      if (row === undefined || rows.length > 1) throw new Error(`${rows.length} commands instead of one`);
      return row.command_id;
    },
    untilSentBySomeoneElse: async (commandId, { instance, found: [before] }) => {
      await eventually(
        async () => {
          const [now] = await states();
          return now?.status === 'published' && now.publish_count > (before?.publish_count ?? 0);
        },
        { deadlineMs: 30_000, what: `another process sends ${commandId} again` },
      );
      const { rows } = await pool.query<{ actor: string }>(
        "SELECT actor FROM client_command_events WHERE command_id = $1 AND source = 'publisher' ORDER BY id DESC LIMIT 1",
        [commandId],
      );
      if (rows[0] === undefined || rows[0].actor === instance)
        throw new Error(`${commandId} was last sent by ${rows[0]?.actor}`);
    },
    untilEnded: async (commandId) => {
      await eventually(
        async () => (await read<{ status: CommandStatus }>('status')).every(({ status }) => isEnd(status)),
        { deadlineMs: 30_000, what: `${commandId} ends` },
      );
    },
    problems: async (commandId, executions) => {
      const rows = await read<{ command_id: string; status: string }>('command_id, status');
      const { rows: ends } = await pool.query(
        "SELECT FROM client_command_events WHERE command_id = $1 AND kind = 'transition' AND to_status = ANY ($2)",
        [commandId, END_STATUSES],
      );
      const runs = executions.filter((execution) => execution.commandId === commandId).length;
      const wordings = new Set(fleet.messagesOf(commandId)).size;
      return [
        ...(rows.length === 1 && rows[0]?.status === 'completed'
          ? []
          : [`ended as ${rows.map(({ status }) => status).join(', ')}`]),
        ...(ends.length === 1 ? [] : [`${ends.length} ends in the timeline`]),
        ...(runs === 1 ? [] : [`executed ${runs} times`]),
        ...(wordings === 1 ? [] : [`${wordings} different messages at the broker`]),
      ];
    },
  };
}
