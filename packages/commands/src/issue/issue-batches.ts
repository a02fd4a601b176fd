import { inTransaction, perPool, prepared, StatementBatches } from '@infoscreen/prisma';
import type pg from 'pg';
import { type CommandRequest, type IssueResult, issueCommand } from '../issue-command.ts';
import { claimCommands } from '../outbox/claim.ts';
import type { OutboxDeps } from '../outbox/publish-command.ts';
import type { StoredCommand } from '../stored-command.ts';
import { clientLock } from './client-lock.ts';
import { insertOrdinaryCommands } from './insert-commands.ts';

const MAX_BATCH = 100;

export type IssueDeps = Pick<OutboxDeps, 'pool' | 'settings' | 'instance' | 'broker'>;

/** `claimedAskedAtMs`: where this process has claimed the command in the same transaction, when it asked, by `performance.now()`. */
export type IssuedAndClaimed = IssueResult & { readonly claimAskedAtMs?: number };

interface Asked {
  readonly request: CommandRequest;
  readonly deps: IssueDeps;
}

/** `null`: not the ordinary case. */
type Batched = { readonly command: StoredCommand; readonly claimAskedAtMs: number } | null;

const batchesOf = perPool(
  (pool) =>
    new StatementBatches<Asked, { readonly issued: Batched }>({
      run: (asked) => issueTogether(pool, asked),
      maxItems: MAX_BATCH,
      keyOf: ({ request }) => request.clientUuid,
    }),
);

/**
 * `issueCommand` for a process that publishes at once: commands that are asked for together are stored together, and are
 * claimed for this process in the same transaction, where it may publish them now.
 * @throws as `issueCommand` does
 */
export async function issueAndClaim(deps: IssueDeps, request: CommandRequest): Promise<IssuedAndClaimed> {
  const { issued } = await batchesOf(deps.pool).add({ request, deps });
  if (issued === null) return issueCommand(deps, deps.settings, request);
  const { command, claimAskedAtMs } = issued;
  return command.status === 'queued'
    ? { outcome: 'queued', command }
    : { outcome: 'queued', command, claimAskedAtMs };
}

/**
 * Enters: requests for different clients. Leaves: those that are the ordinary case, stored; not those whose client somebody
 * else issues for or deletes at this moment, so that no client makes others wait, nor what the lockout blocks. The locks are taken in a
 * statement of their own, before the count.
 */
async function issueTogether(
  pool: pg.Pool,
  asked: readonly Asked[],
): Promise<readonly { issued: Batched }[]> {
  const [{ deps } = { deps: undefined }] = asked;
  if (deps === undefined) return [];
  const claimAskedAtMs = performance.now();
  const stored = await inTransaction(pool, async (client) => {
    const free = await lockFreeClients(client, asked);
    if (free.length === 0) return [];
    const queued = await insertOrdinaryCommands(client, free, deps.settings);
    return claimAtOnce(client, queued, deps);
  });
  const byClient = new Map(stored.map((command) => [command.clientUuid, command]));
  return asked.map(({ request }) => {
    const command = byClient.get(request.clientUuid);
    return { issued: command === undefined ? null : { command, claimAskedAtMs } };
  });
}

const LOCK_SQL = `SELECT client_uuid FROM unnest($1::text[]) AS t (client_uuid) WHERE pg_try_advisory_xact_lock(${clientLock('client_uuid')})`;

async function lockFreeClients(
  client: pg.PoolClient,
  asked: readonly Asked[],
): Promise<readonly CommandRequest[]> {
  const { rows } = await client.query<{ client_uuid: string }>(
    prepared(LOCK_SQL, [asked.map(({ request }) => request.clientUuid)]),
  );
  const free = new Set(rows.map(({ client_uuid }) => client_uuid));
  return asked.flatMap(({ request }) => (free.has(request.clientUuid) ? [request] : []));
}

/** Nothing is claimed while the broker is away; what may not go out yet stays queued. */
async function claimAtOnce(
  client: pg.PoolClient,
  queued: readonly StoredCommand[],
  { broker, instance }: IssueDeps,
): Promise<readonly StoredCommand[]> {
  if (!broker.connected || queued.length === 0) return queued;
  const ids = queued.map(({ commandId }) => commandId);
  const claimed = await claimCommands(client, ids, instance);
  const byId = new Map(claimed.map((command) => [command.commandId, command]));
  return queued.map((command) => byId.get(command.commandId) ?? command);
}
