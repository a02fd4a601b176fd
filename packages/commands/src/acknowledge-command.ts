import { inOneRoundTrip, type Queryable } from '@infoscreen/prisma';
import {
  type AckStatus,
  type CommandStatus,
  END_STATUSES,
  EVENT_OF_ACK,
  isEnd,
  TRANSITIONS,
} from '@infoscreen/shared-types';
import type pg from 'pg';
import type { LifecycleSettings } from './lifecycle-settings.ts';
import { type StoredCommand, toStoredCommand } from './stored-command.ts';
import { type Moved, type MoveRow, movedOf, moveStatement } from './transition/move-commands.ts';

/** What a device reports of a command, on the ACK topic or in a heartbeat. */
export interface Acknowledgement {
  /** The client of the topic, never of the payload. */
  readonly clientUuid: string;
  readonly commandId: string;
  readonly status: AckStatus;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  /** The device's own clock; stored and shown, never trusted. */
  readonly deviceTime: Date | null;
  /** The boot that reports it, where it tells; what it proves is `observeBoot`'s to say. */
  readonly bootId?: string | null | undefined;
  /** How the report came, for the timeline. */
  readonly via: 'ack' | 'heartbeat';
}

export type AcknowledgeResult =
  | { readonly outcome: 'moved'; readonly from: CommandStatus; readonly command: StoredCommand }
  /** The command has ended otherwise; the result was stored beside its end. */
  | { readonly outcome: 'late'; readonly command: StoredCommand }
  /** Already known: nothing changed. */
  | { readonly outcome: 'duplicate'; readonly command: StoredCommand }
  /** The command wasn't sent yet, so no honest device can know it: nothing changed. */
  | { readonly outcome: 'too_early'; readonly command: StoredCommand }
  /** This client has no command with this id: nothing changed. */
  | { readonly outcome: 'unknown_command' };

/**
 * Applies a device's report to the command it names. Reports arrive twice, late and out of order: the status only moves
 * forward, a skipped step is allowed, and an end never changes. Committed when this resolves.
 */
export async function acknowledgeCommand(
  db: Queryable,
  acknowledgement: Acknowledgement,
  settings: LifecycleSettings,
): Promise<AcknowledgeResult> {
  const [moved] = movedOf(await db.query(reportStatement([acknowledgement], settings)));
  if (moved !== undefined) return { outcome: 'moved', ...moved };

  const { rows } = await db.query(
    'SELECT * FROM client_commands WHERE command_id = $1 AND client_uuid = $2',
    [acknowledgement.commandId, acknowledgement.clientUuid],
  );
  if (rows[0] === undefined) return { outcome: 'unknown_command' };
  const command = toStoredCommand(rows[0]);
  if (command.status === 'queued') return { outcome: 'too_early', command };
  const late = isLateResult(acknowledgement.status, command)
    ? await storeLateResult(db, acknowledgement)
    : undefined;
  return late === undefined ? { outcome: 'duplicate', command } : { outcome: 'late', command: late };
}

/** A device that takes a living command for expired has a wrong clock. */
const ERROR_CODE = `CASE WHEN t.error_code = 'expired_on_arrival' AND c.expires_at > clock_timestamp() THEN 'clock_skew' ELSE t.error_code END`;

/** A device's word proves the earlier steps too: it was sent, and for a result it was acknowledged and started. */
const SET = `published_at = coalesce(c.published_at, clock_timestamp()), lease_until = NULL, next_publish_at = NULL,
  error_code = ${ERROR_CODE}, error_message = t.error_message,
  ack_received_at = coalesce(c.ack_received_at, clock_timestamp()),
  execution_started_at = CASE WHEN t.to_status IN ('execution_started', 'completed')
    THEN coalesce(c.execution_started_at, clock_timestamp()) ELSE c.execution_started_at END,
  result_due_at = CASE WHEN t.to_status = 'execution_started'
    THEN clock_timestamp() + make_interval(secs => t.result_timeout) ELSE c.result_due_at END,
  finished_at = CASE WHEN t.to_status IN (${END_STATUSES.map((status) => `'${status}'`).join(', ')}) THEN clock_timestamp() END`;

/** `knownBootOnly`: leaves out what comes from a boot that isn't the one stored, and of a client that isn't there. */
export interface ReportOptions extends Pick<LifecycleSettings, 'resultTimeoutSeconds'> {
  /** Leaves out what another transaction holds. */
  readonly skipsLocked?: boolean;
  readonly knownBootOnly?: boolean;
}

/** A report that came right behind another one on the same command counts only where that one's state stands: none overtakes it. */
export interface FollowingReport extends Acknowledgement {
  readonly follows?: AckStatus;
}

const KNOWN_BOOT = `EXISTS (
  SELECT FROM client_states s JOIN clients k ON k.uuid = s.client_uuid
  WHERE s.client_uuid = t.client_uuid AND k.deleted_at IS NULL AND (t.boot_id IS NULL OR t.boot_id = s.boot_id))`;

/**
 * Moves the commands that the reports name, as far as they may be moved: those of a round after those of the rounds before it,
 * all in one transaction and one round trip. In a round each command is named once. Committed when it resolves.
 * @returns what was moved, of each round
 */
export async function moveByRounds(
  pool: pg.Pool,
  rounds: readonly (readonly FollowingReport[])[],
  options: ReportOptions,
): Promise<readonly (readonly Moved[])[]> {
  const statements = rounds.map((reports) => reportStatement(reports, options));
  const [only] = statements;
  if (only === undefined) return [];
  // One statement is a transaction by itself.
  const results = statements.length === 1 ? [await pool.query(only)] : await inOneRoundTrip(pool, statements);
  return results.map(movedOf);
}

function reportStatement(
  reports: readonly FollowingReport[],
  { resultTimeoutSeconds, skipsLocked = false, knownBootOnly = false }: ReportOptions,
): pg.QueryConfig {
  return moveStatement<FollowingReport & MoveRow>({
    rows: reports.map((report) => ({
      ...report,
      event: EVENT_OF_ACK[report.status],
      actor: report.clientUuid,
    })),
    source: 'device',
    columns: {
      client_uuid: ['uuid', ({ clientUuid }) => clientUuid],
      error_code: ['text', ({ errorCode }) => errorCode],
      error_message: ['text', ({ errorMessage }) => errorMessage],
      device_time: ['timestamptz', ({ deviceTime }) => deviceTime],
      remark: ['text', ({ via }) => (via === 'heartbeat' ? 'told in a heartbeat' : null)],
      result_timeout: ['float8', () => resultTimeoutSeconds],
      boot_id: ['text', ({ bootId }) => bootId || null],
      follows: [
        'text',
        ({ follows }) => (follows === undefined ? null : TRANSITIONS[EVENT_OF_ACK[follows]].to),
      ],
    },
    guard: `c.client_uuid = t.client_uuid AND (t.follows IS NULL OR c.status = t.follows)${knownBootOnly ? ` AND ${KNOWN_BOOT}` : ''}`,
    set: SET,
    recorded: {
      deviceTime: 't.device_time',
      errorCode: 'm.error_code',
      detail: 'coalesce(t.remark, m.error_message)',
    },
    skipsLocked,
  });
}

/** Only a result says what became of the command; the steps before it are no news after the end. */
function isLateResult(status: AckStatus, command: StoredCommand): boolean {
  return (
    status !== 'accepted' &&
    status !== 'execution_started' &&
    isEnd(command.status) &&
    status !== command.status
  );
}

/** Keeps the first late result beside the end; repetitions of it, and contradictions, change nothing. */
async function storeLateResult(
  db: Queryable,
  acknowledgement: Acknowledgement,
): Promise<StoredCommand | undefined> {
  const { rows } = await db.query(
    `WITH late AS (
       UPDATE client_commands SET late_outcome = $3, late_outcome_at = clock_timestamp(), late_error_code = $4
       WHERE command_id = $1 AND client_uuid = $2 AND late_outcome IS NULL AND finished_at IS NOT NULL AND publish_attempt > 0
       RETURNING *
     ), recorded AS (
       INSERT INTO client_command_events
         (command_id, kind, from_status, to_status, source, actor, device_time, error_code, detail)
       SELECT command_id, 'late_result', status, status, 'device', $2::text, $5, $4, 'reported ' || $3 || ' after the end' FROM late
     )
     SELECT * FROM late`,
    [
      acknowledgement.commandId,
      acknowledgement.clientUuid,
      acknowledgement.status,
      acknowledgement.errorCode,
      acknowledgement.deviceTime,
    ],
  );
  return rows[0] === undefined ? undefined : toStoredCommand(rows[0]);
}
