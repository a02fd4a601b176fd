import { setTimeout as pause } from 'node:timers/promises';
import {
  findCommand,
  type IssueResult,
  issueCommand,
  type OutboxDeps,
  publishCommand,
  type StoredCommand,
} from '@infoscreen/commands';
import { type Logger, settledWithin } from '@infoscreen/service-kit';
import type { CommandAction } from '@infoscreen/shared-types';
import type { UserContext } from '../http/request-context.ts';

/** From the request on, until it is answered with what is known by then; the outbox goes on without it. */
const ANSWER_AFTER_MS = 1800;
/** For a look at the command as it stands then. */
const LOOK_MS = 200;
/** Between two looks whether an older command of the same client has gone out. */
const TURN_PAUSE_MS = 50;

export interface CommandDeps extends OutboxDeps {
  readonly logger: Logger;
  /** Publishes that a request no longer waits for; the stop of the service does. */
  readonly underWay: Set<Promise<unknown>>;
  /** Counts commands by how the request for them ended. */
  readonly countIssued: (action: CommandAction, outcome: IssueResult['outcome']) => void;
}

/**
 * Issues a command for a user and publishes it at once. The command is committed before anything is sent, so that what
 * is answered survives whatever happens next.
 * @returns the result, with the command as it stands when the broker took it, or after 2 s
 */
export async function sendCommand(
  deps: CommandDeps,
  request: { clientUuid: string; action: CommandAction; reason: string | undefined; context: UserContext },
): Promise<IssueResult> {
  const answerAt = performance.now() + ANSWER_AFTER_MS;
  const { user, requestId, operationKey } = request.context;
  const issued = await issueCommand(deps, deps.settings, {
    clientUuid: request.clientUuid,
    action: request.action,
    reason: request.reason ?? null,
    requestedBy: user.username,
    requestedByUserId: user.id,
    requestId,
    idempotencyKey: operationKey,
    source: 'api',
  });
  deps.countIssued(request.action, issued.outcome);
  if (issued.outcome !== 'queued' && issued.outcome !== 'replayed') return issued;
  const { commandId } = issued.command;
  deps.logger.info('command issued', {
    command_id: commandId,
    client_uuid: request.clientUuid,
    action: request.action,
  });
  await publishWithin(deps, commandId, Math.max(0, answerAt - performance.now()));
  return { outcome: issued.outcome, command: await current(deps, issued.command) };
}

/** The command is committed: that its publication fails is no failure of the request. */
async function publishWithin(deps: CommandDeps, commandId: string, timeoutMs: number): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  const publishing = publishInTurn(deps, commandId, giveUpAt).catch((error: unknown) =>
    deps.logger.warn('command not published at once, the outbox will', { command_id: commandId, error }),
  );
  deps.underWay.add(publishing);
  void publishing.finally(() => deps.underWay.delete(publishing));
  await settledWithin(timeoutMs, publishing);
}

/** Commands of a client go out in order: one that was asked for together with others waits for those before it. */
async function publishInTurn(deps: CommandDeps, commandId: string, giveUpAt: number): Promise<void> {
  while ((await publishCommand(deps, commandId)) === 'not_claimed' && performance.now() < giveUpAt) {
    // Whoever has claimed it publishes it.
    if ((await findCommand(deps.pool, commandId))?.command.status !== 'queued') return;
    await pause(TURN_PAUSE_MS);
  }
}

/** Where the database went away after the commit: the command as it was issued. It was accepted all the same. */
async function current(deps: CommandDeps, issued: StoredCommand): Promise<StoredCommand> {
  let command = issued;
  const look = findCommand(deps.pool, issued.commandId).then((found) => {
    command = found?.command ?? issued;
  });
  await settledWithin(LOOK_MS, look);
  return command;
}
