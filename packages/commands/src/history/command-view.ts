import type { CommandEventView, CommandView } from '@infoscreen/shared-types';
import type { StoredCommand, StoredCommandEvent } from '../stored-command.ts';

const iso = (time: Date | null) => time?.toISOString() ?? null;

/** A command as the HTTP API shows it. */
export function commandView(command: StoredCommand): CommandView {
  return {
    commandId: command.commandId,
    clientUuid: command.clientUuid,
    action: command.action,
    status: command.status,
    reason: command.reason,
    requestedBy: command.requestedBy,
    bootId: command.bootId,
    errorCode: command.errorCode,
    errorMessage: command.errorMessage,
    createdAt: command.createdAt.toISOString(),
    expiresAt: command.expiresAt.toISOString(),
    resultDueAt: iso(command.resultDueAt),
    publishedAt: iso(command.publishedAt),
    publishCount: command.publishCount,
    ackReceivedAt: iso(command.ackReceivedAt),
    executionStartedAt: iso(command.executionStartedAt),
    completedAt: command.status === 'completed' ? iso(command.finishedAt) : null,
    finishedAt: iso(command.finishedAt),
    effectObserved: command.effectObserved,
    effectObservedAt: iso(command.effectObservedAt),
    effectBootId: command.effectBootId,
    lateOutcome: command.lateOutcome,
    lateOutcomeAt: iso(command.lateOutcomeAt),
  };
}

/** A step of the timeline as the HTTP API shows it. */
export function commandEventView(event: StoredCommandEvent): CommandEventView {
  return {
    kind: event.kind,
    from: event.fromStatus,
    to: event.toStatus,
    source: event.source,
    actor: event.actor,
    deviceTime: iso(event.deviceTime),
    serverTime: event.serverTime.toISOString(),
    errorCode: event.errorCode,
    detail: event.detail,
  };
}
