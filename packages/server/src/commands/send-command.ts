import { setTimeout as pause } from 'node:timers/promises';
import {
  findCommand,
  type IssueResult,
  issueCommand,
  type OutboxDeps,
  publishCommand,
  type StoredCommand,
} from '@infoscreen/commands';
import type { Logger } from '@infoscreen/service-kit';
import type { CommandAction } from '@infoscreen/shared-types';
import type { UserContext } from '../http/request-context.ts';

/** How long a request waits for the broker; the outbox goes on without it. */
const PUBLISH_WAIT_MS = 2000;
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
  await publishWithin(deps, commandId);
  return { outcome: issued.outcome, command: await current(deps, issued.command) };
}

/** The command is committed: that its publication fails is no failure of the request. */
async function publishWithin(deps: CommandDeps, commandId: string): Promise<void> {
  const publishing = publishInTurn(deps, commandId).catch((error: unknown) =>
    deps.logger.warn('command not published at once, the outbox will', { command_id: commandId, error }),
  );
  deps.underWay.add(publishing);
  void publishing.finally(() => deps.underWay.delete(publishing));
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PUBLISH_WAIT_MS);
  });
  await Promise.race([publishing, waited]);
  clearTimeout(timer);
}

/** Commands of a client go out in order: one that was asked for together with others waits for those before it. */
async function publishInTurn(deps: CommandDeps, commandId: string): Promise<void> {
  const giveUpAt = performance.now() + PUBLISH_WAIT_MS;
  while ((await publishCommand(deps, commandId)) === 'not_claimed' && performance.now() < giveUpAt) {
    // Whoever has claimed it publishes it.
    if ((await findCommand(deps.pool, commandId))?.command.status !== 'queued') return;
    await pause(TURN_PAUSE_MS);
  }
}

async function current(deps: CommandDeps, issued: StoredCommand): Promise<StoredCommand> {
  try {
    return (await findCommand(deps.pool, issued.commandId))?.command ?? issued;
  } catch {
    // The database went away after the commit; the command was accepted all the same.
    return issued;
  }
}
