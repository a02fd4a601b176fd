import type { Queryable } from '@infoscreen/prisma';
import { type AckStatus, type CommandStatus, EVENT_OF_ACK, isEnd } from '@infoscreen/shared-types';
import type { LifecycleSettings } from './lifecycle-settings.ts';
import { type StoredCommand, toStoredCommand } from './stored-command.ts';
import { type Moved, moveCommand } from './transition/move-command.ts';

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
  const moved = await moveByReport(db, acknowledgement, settings);
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

/** A device's word proves the earlier steps too: it was sent, and for a result it was acknowledged and started. */
const STEP_TIMES = {
  accepted: `ack_received_at = clock_timestamp()`,
  execution_started: `ack_received_at = coalesce(c.ack_received_at, clock_timestamp()), execution_started_at = clock_timestamp(),
    result_due_at = clock_timestamp() + make_interval(secs => $10)`,
  completed: `ack_received_at = coalesce(c.ack_received_at, clock_timestamp()),
    execution_started_at = coalesce(c.execution_started_at, clock_timestamp()), finished_at = clock_timestamp()`,
  failed: `ack_received_at = coalesce(c.ack_received_at, clock_timestamp()), finished_at = clock_timestamp()`,
  blocked_safety: `ack_received_at = coalesce(c.ack_received_at, clock_timestamp()), finished_at = clock_timestamp()`,
} as const satisfies Record<AckStatus, string>;

/** A device that takes a living command for expired has a wrong clock. */
const ERROR_CODE = `CASE WHEN $7 = 'expired_on_arrival' AND c.expires_at > clock_timestamp() THEN 'clock_skew' ELSE $7::text END`;

function moveByReport(
  db: Queryable,
  { clientUuid, commandId, status, errorCode, errorMessage, deviceTime, via }: Acknowledgement,
  { resultTimeoutSeconds }: LifecycleSettings,
): Promise<Moved | undefined> {
  return moveCommand(db, {
    event: EVENT_OF_ACK[status],
    commandId,
    source: 'device',
    actor: clientUuid,
    deviceTime,
    guard: 'c.client_uuid = $6',
    set: `published_at = coalesce(c.published_at, clock_timestamp()), lease_until = NULL, next_publish_at = NULL,
      error_code = ${ERROR_CODE}, error_message = $8, ${STEP_TIMES[status]}`,
    values: [
      clientUuid,
      errorCode,
      errorMessage,
      via === 'heartbeat' ? 'told in a heartbeat' : null,
      ...(status === 'execution_started' ? [resultTimeoutSeconds] : []),
    ],
    recorded: { errorCode: 'm.error_code', detail: `coalesce($9::text, m.error_message)` },
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
