import { prepared, type Queryable } from '@infoscreen/prisma';
import { COMMAND_ERROR_CODES, isLockoutAction } from '@infoscreen/shared-types';
import type { QueryConfig } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { CommandRequest } from '../issue-command.ts';
import type { LifecycleSettings } from '../lifecycle-settings.ts';
import { countedForLockout } from '../lockout.ts';
import { COMMAND_COLUMNS, type StoredCommand, toStoredCommand } from '../stored-command.ts';
import { LOCKED_CLIENTS } from './client-lock.ts';

/** The server that issued it publishes it at once; the outbox takes it up when that didn't happen by then. */
const OUTBOX_DELAY_SECONDS = 1;

interface Insertion {
  readonly request: CommandRequest;
  readonly bootId: string | null;
  readonly blocked: boolean;
}

/** Stores a command as `queued` or `blocked_safety`. The caller holds the client's lock and has counted. */
export async function insertCommand(
  db: Queryable,
  { request, bootId, blocked }: Insertion,
  settings: LifecycleSettings,
): Promise<StoredCommand> {
  const { rows } = await db.query(
    insertSql('SELECT t.*, $12::text AS boot_id, $13::boolean AS blocked FROM t'),
    [...columnsOf([{ commandId: uuidv7(), request }], settings), bootId, blocked],
  );
  return toStoredCommand(rows[0]);
}

/** A request, and the id of what comes of it. */
export interface NamedRequest {
  readonly commandId: string;
  readonly request: CommandRequest;
}

/**
 * Stores those of several commands that are the ordinary case, as `queued`: the client is there and nobody is deleting it, the
 * request wasn't carried out before, and the lockout has a place. An earlier statement of the transaction, `lockStatement`,
 * has locked clients, so that the count sees what was committed before; commands for others are left out. No client is named twice.
 */
export function ordinaryInsert(named: readonly NamedRequest[], settings: LifecycleSettings): QueryConfig {
  return prepared(insertSql(ORDINARY), [
    ...columnsOf(named, settings),
    settings.lockoutMaxCommands,
    settings.lockoutWindowSeconds,
  ]);
}

const ORDINARY = `
  SELECT t.*, c.boot_id, false AS blocked
  FROM t JOIN (
    SELECT c.uuid, s.boot_id FROM clients c JOIN client_states s ON s.client_uuid = c.uuid
    WHERE c.uuid = ANY (${LOCKED_CLIENTS}) AND c.deleted_at IS NULL ORDER BY c.uuid FOR SHARE OF c SKIP LOCKED
  ) c ON c.uuid = t.client_uuid
  WHERE NOT EXISTS (
      SELECT FROM client_commands k
      WHERE k.requested_by_user_id = t.requested_by_user_id AND k.idempotency_key = t.idempotency_key)
    AND (NOT t.has_lockout
      OR (SELECT count(*) FROM client_commands k WHERE ${countedForLockout('t.client_uuid', 't.action', '$13')}) < $12)`;

function columnsOf(named: readonly NamedRequest[], { commandTtlSeconds }: LifecycleSettings): unknown[] {
  const requests = named.map(({ request }) => request);
  return [
    named.map(({ commandId }) => commandId),
    requests.map(({ clientUuid }) => clientUuid),
    requests.map(({ action }) => action),
    requests.map(({ action }) => isLockoutAction(action)),
    requests.map(({ reason }) => reason),
    requests.map(({ requestedBy }) => requestedBy),
    requests.map(({ requestedByUserId }) => requestedByUserId),
    requests.map(({ idempotencyKey }) => idempotencyKey),
    requests.map(({ requestId }) => requestId),
    requests.map(({ source }) => source),
    commandTtlSeconds,
  ];
}

/** @param wanted SQL: rows of `t`, each with its `boot_id` and whether it is `blocked` */
function insertSql(wanted: string): string {
  return `WITH clock AS (SELECT clock_timestamp()::timestamptz(3) AS at), t AS MATERIALIZED (
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::uuid[], $8::text[],
         $9::text[], $10::text[])
       AS t (command_id, client_uuid, action, has_lockout, reason, requested_by, requested_by_user_id, idempotency_key,
         request_id, source)
     ), wanted AS MATERIALIZED (${wanted}), issued AS (
       INSERT INTO client_commands (command_id, client_uuid, action, status, reason, requested_by, requested_by_user_id,
         counts_for_lockout, idempotency_key, request_id, boot_id, error_code, error_message,
         created_at, expires_at, next_publish_at, finished_at)
       SELECT command_id, client_uuid, action, CASE WHEN blocked THEN 'blocked_safety' ELSE 'queued' END, reason, requested_by,
         requested_by_user_id, NOT blocked, idempotency_key, request_id, boot_id,
         CASE WHEN blocked THEN 'safety_lockout' END,
         CASE WHEN blocked THEN '${COMMAND_ERROR_CODES.safety_lockout}' END,
         at, at + make_interval(secs => $11), CASE WHEN NOT blocked THEN at + make_interval(secs => ${OUTBOX_DELAY_SECONDS}) END,
         CASE WHEN blocked THEN at END
       FROM wanted, clock RETURNING ${COMMAND_COLUMNS.join(', ')}
     ), recorded AS (
       INSERT INTO client_command_events (command_id, kind, to_status, source, actor, error_code, detail)
       SELECT i.command_id, 'transition', i.status, w.source, i.requested_by, i.error_code, i.reason
       FROM issued i JOIN wanted w USING (command_id)
     )
     SELECT * FROM issued`;
}
