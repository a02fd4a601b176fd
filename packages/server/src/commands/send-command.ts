import { setTimeout as pause } from 'node:timers/promises';
import {
  type CommandRequest,
  findCommand,
  forEachBounded,
  type IssuedAndClaimed,
  type IssueResult,
  issueAndClaim,
  issueCommand,
  type OutboxDeps,
  publishClaimed,
  publishCommand,
  type StoredCommand,
} from '@infoscreen/commands';
import { type Logger, settledWithin } from '@infoscreen/service-kit';
import type { CommandAction } from '@infoscreen/shared-types';
import { entryValues, recordWithCommands } from '../audit/audit-log.ts';
import type { AuditNote } from '../http/define-route.ts';
import type { UserContext } from '../http/request-context.ts';

/** From the request on, until it is answered with what is known by then; the outbox goes on without it. */
const ANSWER_AFTER_MS = 1800;
/** For a look at the command as it stands then. */
const LOOK_MS = 200;
/** Between two looks whether an older command of the same client has gone out. */
const TURN_PAUSE_MS = 50;

/** Of one request; each waits for the broker most of its time. */
const PUBLISHED_AT_ONCE = 8;

export interface CommandDeps extends OutboxDeps {
  readonly logger: Logger;
  /** Publishes that a request no longer waits for; the stop of the service does. */
  readonly underWay: Set<Promise<unknown>>;
  /** Counts commands by how the request for them ended. */
  readonly countIssued: (action: CommandAction, outcome: IssueResult['outcome']) => void;
}

export interface UserCommand {
  readonly clientUuid: string;
  readonly action: CommandAction;
  readonly reason: string | undefined;
  readonly context: UserContext;
  /** Names this command; the same again where the request is repeated. Null where the request has no name. */
  readonly operationKey: string | null;
}

/**
 * Issues a command for a user and publishes it at once. The command is committed before anything is sent, so that what
 * is answered survives whatever happens next.
 * @returns the result, with the command as it stands when the broker took it, or after 2 s
 */
export async function sendCommand(
  deps: CommandDeps,
  request: Omit<UserCommand, 'operationKey'>,
): Promise<IssueResult> {
  const answerAt = performance.now() + ANSWER_AFTER_MS;
  const issued = await issueRecorded(deps, request);
  noteIssued(deps, request, issued);
  if (issued.outcome !== 'queued' && issued.outcome !== 'replayed') return issued;
  const { outcome, command, claimAskedAtMs } = issued;
  const timeoutMs = Math.max(0, answerAt - performance.now());
  if (claimAskedAtMs === undefined) await publishWithin(deps, [command.commandId], timeoutMs);
  else {
    const published = await publishClaimedWithin(deps, { command, claimAskedAtMs }, timeoutMs);
    if (published !== undefined) return { outcome, command: published };
  }
  return { outcome, command: await current(deps, command) };
}

/** What the audit log keeps of a command that was issued. */
export function issuedNote({ commandId, reason }: Pick<StoredCommand, 'commandId' | 'reason'>): AuditNote {
  return { detail: { command_id: commandId, reason } };
}

/** The command and its entry in the audit log are one transaction; where they can't be, the write is noted before it. */
async function issueRecorded(
  deps: CommandDeps,
  request: Omit<UserCommand, 'operationKey'>,
): Promise<IssuedAndClaimed> {
  const { audit, operationKey } = request.context;
  const asked = commandRequest({ ...request, operationKey });
  const valuesOf = (commandId: string) =>
    entryValues(audit.entryOf({ status: 202, audit: issuedNote({ commandId, reason: asked.reason }) }));
  let isAlone = false;
  const issued = await issueAndClaim(deps, asked, {
    along: { statement: recordWithCommands, valuesOf },
    beforeAlone: () => {
      isAlone = true;
      return audit.begin();
    },
  });
  if (!isAlone) audit.isRecorded();
  return issued;
}

/** Stores a command of a user; nothing is sent yet. */
export async function issueForUser(deps: CommandDeps, request: UserCommand): Promise<IssueResult> {
  const issued = await issueCommand(deps, deps.settings, commandRequest(request));
  noteIssued(deps, request, issued);
  return issued;
}

function commandRequest({ clientUuid, action, reason, context, operationKey }: UserCommand): CommandRequest {
  return {
    clientUuid,
    action,
    reason: reason ?? null,
    requestedBy: context.user.username,
    requestedByUserId: context.user.id,
    requestId: context.requestId,
    idempotencyKey: operationKey,
    source: 'api',
  };
}

function noteIssued(
  deps: CommandDeps,
  { clientUuid, action }: Pick<UserCommand, 'clientUuid' | 'action'>,
  issued: IssueResult,
): void {
  deps.countIssued(action, issued.outcome);
  if (issued.outcome !== 'queued' && issued.outcome !== 'replayed') return;
  const { commandId } = issued.command;
  deps.logger.info('command issued', { command_id: commandId, client_uuid: clientUuid, action });
}

/** @returns the command as it stands when the broker has it; `undefined` where that isn't known in time */
async function publishClaimedWithin(
  deps: CommandDeps,
  { command, claimAskedAtMs }: { readonly command: StoredCommand; readonly claimAskedAtMs: number },
  timeoutMs: number,
): Promise<StoredCommand | undefined> {
  let published: StoredCommand | undefined;
  const publishing = publishClaimed(deps, command, claimAskedAtMs).then(
    (result) => {
      published = result.command;
    },
    (error: unknown) => notPublished(deps, command.commandId, error),
  );
  await finishWithin(deps, publishing, timeoutMs);
  return published;
}

function notPublished({ logger }: CommandDeps, commandId: string, error: unknown): void {
  logger.warn('command not published at once, the outbox will', { command_id: commandId, error });
}

/** What isn't done by then goes on; the stop of the service waits for it. */
async function finishWithin(
  { underWay }: CommandDeps,
  publishing: Promise<unknown>,
  timeoutMs: number,
): Promise<void> {
  underWay.add(publishing);
  void publishing.finally(() => underWay.delete(publishing));
  await settledWithin(timeoutMs, publishing);
}

/**
 * Publishes commands for at most `timeoutMs`; what was not begun by then is left to the outbox. They are committed: that a
 * publication fails is no failure of the request.
 */
export async function publishWithin(
  deps: CommandDeps,
  commandIds: readonly string[],
  timeoutMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  const publish = (commandId: string) =>
    publishInTurn(deps, commandId, giveUpAt).catch((error: unknown) => notPublished(deps, commandId, error));
  const stopping = AbortSignal.timeout(Math.ceil(timeoutMs));
  const publishing = forEachBounded(commandIds, publish, { concurrency: PUBLISHED_AT_ONCE, stopping });
  await finishWithin(deps, publishing, timeoutMs);
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
