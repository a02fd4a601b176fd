import { inTransaction } from '@infoscreen/prisma';
import { COMMAND_ERROR_CODES, type CommandAction, END_STATUSES } from '@infoscreen/shared-types';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
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

/** The server that issued it publishes it at once; the outbox takes it up when that didn't happen by then. */
const OUTBOX_DELAY_SECONDS = 1;

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
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('infoscreen command ' || $1, 0))", [
      request.clientUuid,
    ]);
    const facts = await readFacts(client, request);
    if (facts.replayed !== undefined) return { outcome: 'replayed', command: facts.replayed };
    if (!facts.exists) return { outcome: 'client_not_found' };
    if (request.onlyWhenIdle === true && facts.isBusy) return { outcome: 'busy' };

    const { remaining, retryAfterSeconds } = await countLockout(client, request, settings);
    const reserved = request.reservedPlaces ?? 0;
    if (reserved > 0 && remaining <= reserved) return { outcome: 'no_place_left', retryAfterSeconds };
    if (remaining === 0) {
      const command = await insertCommand(client, { request, settings, bootId: facts.bootId, blocked: true });
      return { outcome: 'blocked_safety', command, retryAfterSeconds };
    }
    return {
      outcome: 'queued',
      command: await insertCommand(client, { request, settings, bootId: facts.bootId, blocked: false }),
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

interface Insertion {
  readonly request: CommandRequest;
  readonly settings: LifecycleSettings;
  readonly bootId: string | null;
  readonly blocked: boolean;
}

async function insertCommand(
  client: pg.PoolClient,
  { request, settings, bootId, blocked }: Insertion,
): Promise<StoredCommand> {
  const { rows } = await client.query(
    `WITH clock AS (SELECT clock_timestamp()::timestamptz(3) AS at), issued AS (
       INSERT INTO client_commands (command_id, client_uuid, action, status, reason, requested_by, requested_by_user_id,
         counts_for_lockout, idempotency_key, request_id, boot_id, error_code, error_message,
         created_at, expires_at, next_publish_at, finished_at)
       SELECT $1, $2, $3, CASE WHEN $4 THEN 'blocked_safety' ELSE 'queued' END, $5, $6, $7, NOT $4, $8, $9, $10,
         CASE WHEN $4 THEN 'safety_lockout' END, CASE WHEN $4 THEN $11 END,
         at, at + make_interval(secs => $12), CASE WHEN NOT $4 THEN at + make_interval(secs => $13) END, CASE WHEN $4 THEN at END
       FROM clock RETURNING *
     ), recorded AS (
       INSERT INTO client_command_events (command_id, kind, to_status, source, actor, error_code, detail)
       SELECT command_id, 'transition', status, $14, requested_by, error_code, reason FROM issued
     )
     SELECT * FROM issued`,
    [
      uuidv7(),
      request.clientUuid,
      request.action,
      blocked,
      request.reason,
      request.requestedBy,
      request.requestedByUserId,
      request.idempotencyKey,
      request.requestId,
      bootId,
      COMMAND_ERROR_CODES.safety_lockout,
      settings.commandTtlSeconds,
      OUTBOX_DELAY_SECONDS,
      request.source,
    ],
  );
  return toStoredCommand(rows[0]);
}
