import { type AckStatus, COMMAND_STATUSES, EVENT_OF_ACK, isEnd, TRANSITIONS } from '@infoscreen/shared-types';
import { about } from './command-rules.ts';
import type { Finding } from './finding.ts';
import { failureKey, type LossWindow, type Records, type StoredCommand, type TakenAcks } from './records.ts';

/** What became of what the broker took from the screens. */
export interface LossCount {
  readonly acksTaken: number;
  /** Taken between a save of the broker and its SIGKILL. */
  readonly acksTakenBeforeKill: number;
  readonly failuresTaken: number;
  readonly failuresTakenBeforeKill: number;
  /** Of those: not in the database, and recovered since, so that no report names them any more. */
  readonly failuresLostWithBroker: number;
}

export interface LossVerdict {
  readonly count: LossCount;
  readonly findings: readonly Finding[];
}

/**
 * Everything that the broker took is in the database. What it took between a save and its SIGKILL may be lost by it;
 * then `recent_results` has made good every result by the end, and `failed_units` every failure that is still open.
 */
export function nothingIsLost(records: Records, stored: ReadonlyMap<string, StoredCommand>): LossVerdict {
  const { acks, failures } = records.screens;
  const findings: Finding[] = [];
  const count = {
    acksTaken: 0,
    acksTakenBeforeKill: 0,
    failuresTaken: failures.length,
    failuresTakenBeforeKill: 0,
    failuresLostWithBroker: 0,
  };
  for (const ack of acks) {
    const uncertain = ack.takenAt.filter((at) => isInWindow(at, records.lossWindows)).length;
    count.acksTaken += ack.takenAt.length;
    count.acksTakenBeforeKill += uncertain;
    const finding = ackFinding(ack, uncertain === ack.takenAt.length, stored.get(ack.commandId));
    if (finding !== undefined) findings.push(finding);
  }
  for (const failure of failures) {
    const isUncertain = isInWindow(failure.takenAt, records.lossWindows);
    if (isUncertain) count.failuresTakenBeforeKill += 1;
    if (records.storedFailures.has(failureKey(failure))) continue;
    if (isUncertain && !failure.isOpen) count.failuresLostWithBroker += 1;
    else
      findings.push({
        rule: isUncertain ? 'open_failure_is_made_good' : 'failure_is_stored',
        clientUuid: failure.clientUuid,
        at: failure.takenAt,
        detail: `service_failed of ${failure.unit} at ${new Date(failure.failedAt).toISOString()} was taken by the broker and is not in the database`,
      });
  }
  return { count, findings };
}

function ackFinding(
  ack: TakenAcks,
  isUncertain: boolean,
  command: StoredCommand | undefined,
): Finding | undefined {
  if (command !== undefined && reflects(command, ack.status)) return undefined;
  const isResult = isEnd(TRANSITIONS[EVENT_OF_ACK[ack.status]].to);
  if (isUncertain && !isResult) return undefined;
  const detail = `the broker took its ACK ${ack.status}, and the database shows ${command?.status ?? 'no such command'}`;
  return {
    ...about(ack, isUncertain ? 'result_is_made_good' : 'ack_is_stored', detail),
    at: ack.takenAt[0] ?? 0,
  };
}

/** Whether the row shows what the ACK said or something that implies it. */
function reflects({ status, lateOutcome }: StoredCommand, said: AckStatus): boolean {
  const { to } = TRANSITIONS[EVENT_OF_ACK[said]];
  // Its screen says one result only, so that a row with another end has kept it as the late one.
  if (isEnd(to)) return status === to || lateOutcome === to;
  return COMMAND_STATUSES.indexOf(status) >= COMMAND_STATUSES.indexOf(to);
}

function isInWindow(at: number, windows: readonly LossWindow[]): boolean {
  return windows.some(({ from, to }) => at >= from && at <= to);
}
