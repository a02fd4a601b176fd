import type { Queryable } from '@infoscreen/prisma';
import {
  API_TOKEN_PREFIX,
  type ApiTokenView,
  type pageQuerySchema,
  type Role,
  uuidSchema,
} from '@infoscreen/shared-types';
import { z } from 'zod';
import { hashOfToken, makeTokenSecret } from '../auth/token-secret.ts';
import { decodeCursor, pageOfRows } from '../http/cursor.ts';

const COLUMNS = `t.id, t.name, t.role, u.username AS owner, t.created_at, t.expires_at, t.last_used_at, t.last_used_ip,
  t.revoked_at, t.revoked_by`;

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly owner: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
  readonly last_used_ip: string | null;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
}

function tokenView({ created_at, expires_at, last_used_at, revoked_at, ...row }: TokenRow): ApiTokenView {
  return {
    ...row,
    created_at: created_at.toISOString(),
    expires_at: expires_at.toISOString(),
    last_used_at: last_used_at?.toISOString() ?? null,
    revoked_at: revoked_at?.toISOString() ?? null,
  };
}

export interface NewToken {
  readonly userId: string;
  /** The session that asks. */
  readonly sid: string;
  readonly name: string;
  readonly role: Role;
  readonly expires_in_days: number;
}

/**
 * Makes a token, unless the session that asks is over by now: a user who is disabled or reset in this moment gets none
 * that would outlive it. The lock on the user makes one of the two wait for the other.
 * @returns the secret in clear, which is nowhere else; null where the session is over
 */
export async function createApiToken(
  db: Queryable,
  { userId, sid, name, role, expires_in_days: days }: NewToken,
): Promise<{ readonly token: ApiTokenView; readonly secret: string } | null> {
  const secret = makeTokenSecret(API_TOKEN_PREFIX);
  const { rows } = await db.query<TokenRow>(
    `WITH owner AS (
       SELECT u.id, u.username FROM users u JOIN user_sessions s ON s.sid = $2
       WHERE u.id = $1 AND u.disabled_at IS NULL AND u.session_epoch = (s.sess -> 'login' ->> 'sessionEpoch')::int
       FOR SHARE OF u),
     t AS (
       INSERT INTO api_tokens (user_id, name, role, token_hash, expires_at)
       SELECT id, $3, $4, $5, now() + make_interval(days => $6) FROM owner RETURNING *)
     SELECT ${COLUMNS} FROM t, owner u`,
    [userId, sid, name, role, hashOfToken(secret), days],
  );
  return rows[0] === undefined ? null : { token: tokenView(rows[0]), secret };
}

const cursorSchema = z.tuple([z.iso.datetime(), uuidSchema]);

/** Tokens, newest first. @param options.ownerId null for those of everybody */
export async function listApiTokens(
  db: Queryable,
  { ownerId, limit, cursor }: z.output<typeof pageQuerySchema> & { readonly ownerId: string | null },
) {
  const after = decodeCursor(cursor, cursorSchema);
  const { rows } = await db.query<TokenRow>(
    `SELECT ${COLUMNS} FROM api_tokens t JOIN users u ON u.id = t.user_id
     WHERE ($1::uuid IS NULL OR t.user_id = $1) AND ($2::timestamptz IS NULL OR (t.created_at, t.id) < ($2, $3::uuid))
     ORDER BY t.created_at DESC, t.id DESC LIMIT $4`,
    [ownerId, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  return pageOfRows(rows, limit, {
    item: tokenView,
    key: ({ created_at, id }) => [created_at.toISOString(), id],
  });
}

export interface Revocation {
  readonly id: string;
  /** Null where anybody's may be revoked. */
  readonly ownerId: string | null;
  readonly revokedBy: string;
}

/** Makes a token worthless at once. @returns its name; null where there is no such token */
export async function revokeApiToken(
  db: Queryable,
  { id, ownerId, revokedBy }: Revocation,
): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    `UPDATE api_tokens SET revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, $3)
     WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) RETURNING name`,
    [id, ownerId, revokedBy],
  );
  return rows[0]?.name ?? null;
}

/** Revokes all tokens of a user, in the transaction that disables or resets the user. */
export async function revokeApiTokensOf(
  db: Queryable,
  { userId, revokedBy }: { readonly userId: string; readonly revokedBy: string },
): Promise<void> {
  await db.query(
    'UPDATE api_tokens SET revoked_at = now(), revoked_by = $2 WHERE user_id = $1 AND revoked_at IS NULL',
    [userId, revokedBy],
  );
}
