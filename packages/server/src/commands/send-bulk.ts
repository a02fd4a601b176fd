import { createHash } from 'node:crypto';
import {
  commandView,
  findCommands,
  forEachBounded,
  type IssueResult,
  type StoredCommand,
} from '@infoscreen/commands';
import { settledWithin } from '@infoscreen/service-kit';
import type { BulkOutcome, bulkCommandAnswerSchema, bulkCommandBodySchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { ProblemError } from '../http/problem-error.ts';
import type { UserContext } from '../http/request-context.ts';
import { type CommandDeps, issueForUser, publishWithin } from './send-command.ts';

/** Connections of the pool that one request may keep busy. */
const ISSUED_AT_ONCE = 4;
/** Well below the time after which a request with an Idempotency-Key is taken for dead. */
const ISSUE_WITHIN_MS = 30_000;
const PUBLISH_WITHIN_MS = 1800;
const LOOK_MS = 500;

export interface BulkRequest extends z.output<typeof bulkCommandBodySchema> {
  readonly context: UserContext;
}
type BulkItem = z.input<typeof bulkCommandAnswerSchema>['items'][number];

/**
 * Issues a command to each of many clients, each in a transaction and under the lockout of its own, then publishes them for
 * at most 2 s; the outbox sends the rest.
 * @returns one item for each client, in the order of the request
 * @throws when a command could not be stored, after those before it were sent: with the same `Idempotency-Key` a repetition
 * finds them, and goes on with the rest
 */
export async function sendBulk(deps: CommandDeps, request: BulkRequest): Promise<BulkItem[]> {
  const { results, failure } = await issueEach(deps, request);
  const issued = [...results.values()].flatMap((result) => ('command' in result ? [result.command] : []));
  const sendable = issued.filter(({ status }) => status === 'queued').map(({ commandId }) => commandId);
  await publishWithin(deps, sendable, PUBLISH_WITHIN_MS);
  if (failure !== undefined) throw failure;
  const current = await currentCommands(deps, issued);
  return request.client_uuids.map((clientUuid) => {
    const result = results.get(clientUuid);
    const command = result !== undefined && 'command' in result ? result.command : undefined;
    return {
      client_uuid: clientUuid,
      outcome: outcomeOf(command),
      command: command === undefined ? null : commandView(current.get(command.commandId) ?? command),
    };
  });
}

async function issueEach(deps: CommandDeps, { client_uuids, action, reason, context }: BulkRequest) {
  const results = new Map<string, IssueResult>();
  const giveUpAt = performance.now() + ISSUE_WITHIN_MS;
  let failure: Error | undefined;
  const issue = async (clientUuid: string) => {
    if (failure !== undefined) return;
    const operationKey = keyOfClient(context.operationKey, clientUuid);
    try {
      if (performance.now() > giveUpAt) throw new ProblemError('unavailable', { retryAfterSeconds: 5 });
      results.set(
        clientUuid,
        await issueForUser(deps, { clientUuid, action, reason, context, operationKey }),
      );
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    }
  };
  await forEachBounded(client_uuids, issue, { concurrency: ISSUED_AT_ONCE });
  return { results, failure };
}

/** A key names one command of a user, and a request has one for each client. */
function keyOfClient(operationKey: string | null, clientUuid: string): string | null {
  if (operationKey === null) return null;
  return createHash('sha256').update(`${operationKey}\n${clientUuid}`).digest('base64url');
}

function outcomeOf(command: StoredCommand | undefined): BulkOutcome {
  if (command === undefined) return 'client_not_found';
  return command.errorCode === 'safety_lockout' ? 'blocked_safety' : 'accepted';
}

/** Where the database went away after the commits: empty, and the commands are shown as they were issued. */
async function currentCommands(
  { pool }: CommandDeps,
  issued: readonly StoredCommand[],
): Promise<ReadonlyMap<string, StoredCommand>> {
  const current = new Map<string, StoredCommand>();
  const look = findCommands(
    pool,
    issued.map(({ commandId }) => commandId),
  ).then((commands) => {
    for (const command of commands) current.set(command.commandId, command);
  });
  await settledWithin(LOOK_MS, look);
  return current;
}
