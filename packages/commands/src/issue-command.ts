import { inTransaction } from '@infoscreen/prisma';
import { type CommandAction, END_STATUSES } from '@infoscreen/shared-types';
import type pg from 'pg';
import { clientLock } from './issue/client-lock.ts';
import { insertCommand } from './issue/insert-commands.ts';
import type { LifecycleSettings } from './lifecycle-settings.ts';
import { countLockout } from './lockout.ts';
import { type StoredCommand, toStoredCommand } from './stored-command.ts';

export interface CommandRequest {
  readonly clientUuid: string;
  readonly action: CommandAction;
  readonly reason: string | null;
  /** A user's name, or `scheduler`. */
  readonly requestedBy: string;
  readonly requestedByUserId: string | null;
  readonly requestId: string | null;
  /** With the same user and key, the command of the first request is returned. */
  readonly idempotencyKey: string | null;
  readonly source: 'api' | 'recovery';
  /** Places of the lockout that this request leaves for others; with them taken, nothing is stored. */
  readonly reservedPlaces?: number;
  /** Issue only if the client has no command under way. */
  readonly onlyWhenIdle?: boolean;
}

export type IssueResult =
  | { readonly outcome: 'queued' | 'replayed'; readonly command: StoredCommand }
  | {
      readonly outcome: 'blocked_safety';
      readonly command: StoredCommand;
      readonly retryAfterSeconds: number;
    }
  | { readonly outcome: 'client_not_found' | 'busy' }
  | { readonly outcome: 'no_place_left'; readonly retryAfterSeconds: number };

/**
 * Stores a command: `queued`, or `blocked_safety` where the lockout has no place left. Committed when this resolves.
 *
 * Enters: any number of requests for one client at the same moment, on any number of replicas. They queue on one lock per
 * client, taken in a statement of its own, and each counts in a later statement, whose snapshot shows what the one
 * before has committed. What can never happen: more than `lockoutMaxCommands` issued in a window, two commands for one
 * idempotency key, a command for a client whose deletion has committed, two commands of one client out of order.
 * @throws when the lock or the database isn't to be had in time: nothing is stored then (fail closed)
 */
export function issueCommand(
  { pool }: { readonly pool: pg.Pool },
  settings: LifecycleSettings,
  request: CommandRequest,
): Promise<IssueResult> {
  return inTransaction(pool, async (client): Promise<IssueResult> => {
    await client.query(`SELECT pg_advisory_xact_lock(${clientLock('$1')})`, [request.clientUuid]);
    const facts = await readFacts(client, request);
    if (facts.replayed !== undefined) return { outcome: 'replayed', command: facts.replayed };
    if (!facts.exists) return { outcome: 'client_not_found' };
    if (request.onlyWhenIdle === true && facts.isBusy) return { outcome: 'busy' };

    const { remaining, retryAfterSeconds } = await countLockout(client, request, settings);
    const reserved = request.reservedPlaces ?? 0;
    if (reserved > 0 && remaining <= reserved) return { outcome: 'no_place_left', retryAfterSeconds };
    if (remaining === 0) {
      const command = await insertCommand(client, { request, bootId: facts.bootId, blocked: true }, settings);
      return { outcome: 'blocked_safety', command, retryAfterSeconds };
    }
    return {
      outcome: 'queued',
      command: await insertCommand(client, { request, bootId: facts.bootId, blocked: false }, settings),
    };
  });
}

async function readFacts(client: pg.PoolClient, request: CommandRequest) {
  const replayed =
    request.idempotencyKey === null
      ? []
      : (
          await client.query(
            'SELECT * FROM client_commands WHERE requested_by_user_id = $1 AND idempotency_key = $2',
            [request.requestedByUserId, request.idempotencyKey],
          )
        ).rows;
  // FOR SHARE waits for a deletion under way, and keeps a later one waiting until this command is committed.
  const { rows } = await client.query<{ boot_id: string | null; is_busy: boolean }>(
    `SELECT s.boot_id, EXISTS (
       SELECT 1 FROM client_commands k WHERE k.client_uuid = c.uuid AND NOT (k.status = ANY($2)) AND k.created_at > now() - interval '1 day'
     ) AS is_busy
     FROM clients c JOIN client_states s ON s.client_uuid = c.uuid
     WHERE c.uuid = $1 AND c.deleted_at IS NULL FOR SHARE OF c`,
    [request.clientUuid, END_STATUSES],
  );
  return {
    replayed: replayed[0] === undefined ? undefined : toStoredCommand(replayed[0]),
    exists: rows[0] !== undefined,
    bootId: rows[0]?.boot_id ?? null,
    isBusy: rows[0]?.is_busy ?? false,
  };
}
