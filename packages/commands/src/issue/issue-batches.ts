import { inOneRoundTrip, perPool, StatementBatches } from '@infoscreen/prisma';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type CommandRequest, type IssueResult, issueCommand } from '../issue-command.ts';
import { claimStatement } from '../outbox/claim.ts';
import type { OutboxDeps } from '../outbox/publish-command.ts';
import { type StoredCommand, toStoredCommand } from '../stored-command.ts';
import { lockStatement } from './client-lock.ts';
import { ordinaryInsert } from './insert-commands.ts';

const MAX_BATCH = 100;

export type IssueDeps = Pick<OutboxDeps, 'pool' | 'settings' | 'instance' | 'broker'>;

/** `claimedAskedAtMs`: where this process has claimed the command in the same transaction, when it asked, by `performance.now()`. */
export type IssuedAndClaimed = IssueResult & { readonly claimAskedAtMs?: number };

/** What a caller stores of its command in the transaction that stores the command: both or neither. */
export interface StoredAlong {
  /** Of all the commands of a batch that have the same one; stores nothing of those that the transaction didn't store. */
  readonly statement: (rows: readonly AlongRow[]) => pg.QueryConfig;
  readonly valuesOf: (commandId: string) => readonly unknown[];
}

export interface AlongRow {
  readonly commandId: string;
  readonly values: readonly unknown[];
}

export interface Recording {
  readonly along: StoredAlong;
  /** Called where it is not the ordinary case, before anything is stored; then nothing is stored along. What it throws stops the command. */
  readonly beforeAlone: () => Promise<void>;
}

interface Asked {
  readonly request: CommandRequest;
  readonly deps: IssueDeps;
  readonly along: StoredAlong | undefined;
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
export async function issueAndClaim(
  deps: IssueDeps,
  request: CommandRequest,
  recording?: Recording,
): Promise<IssuedAndClaimed> {
  const { issued } = await batchesOf(deps.pool).add({ request, deps, along: recording?.along });
  if (issued === null) {
    await recording?.beforeAlone();
    return issueCommand(deps, deps.settings, request);
  }
  const { command, claimAskedAtMs } = issued;
  return command.status === 'queued'
    ? { outcome: 'queued', command }
    : { outcome: 'queued', command, claimAskedAtMs };
}

/**
 * Enters: requests for different clients. Leaves: those that are the ordinary case, stored; not those whose client somebody
 * else issues for or deletes at this moment, so that no client makes others wait, nor what the lockout blocks. The locks are taken in a
 * statement of their own, before the count. All statements go out together: none needs here what the one before it answers.
 */
async function issueTogether(
  pool: pg.Pool,
  asked: readonly Asked[],
): Promise<readonly { issued: Batched }[]> {
  const [{ deps } = { deps: undefined }] = asked;
  if (deps === undefined) return [];
  const isClaiming = deps.broker.connected;
  const claimAskedAtMs = performance.now();
  const named = asked.map((one) => ({ ...one, commandId: uuidv7() }));
  const [, inserted, claimed] = await inOneRoundTrip(pool, [
    lockStatement(asked.map(({ request }) => request.clientUuid)),
    ordinaryInsert(named, deps.settings),
    // Nothing is claimed while the broker is away; what may not go out yet stays queued.
    ...(isClaiming
      ? [
          claimStatement(
            named.map(({ commandId }) => commandId),
            deps.instance,
          ),
        ]
      : []),
    ...alongStatements(named),
  ]);
  const rows = [...(inserted?.rows ?? []), ...(isClaiming ? (claimed?.rows ?? []) : [])];
  const stored = new Map(rows.map((row) => [row.command_id, toStoredCommand(row)]));
  return named.map(({ commandId }) => {
    const command = stored.get(commandId);
    return { issued: command === undefined ? null : { command, claimAskedAtMs } };
  });
}

function alongStatements(
  named: readonly { readonly commandId: string; readonly along: StoredAlong | undefined }[],
): readonly pg.QueryConfig[] {
  const rows = new Map<StoredAlong['statement'], AlongRow[]>();
  for (const { commandId, along } of named) {
    if (along === undefined) continue;
    const others = rows.get(along.statement) ?? [];
    rows.set(along.statement, others);
    others.push({ commandId, values: along.valuesOf(commandId) });
  }
  return [...rows].map(([statement, ofStatement]) => statement(ofStatement));
}
