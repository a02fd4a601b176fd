import type { Queryable } from '@infoscreen/prisma';
import { API_TOKEN_PREFIX, hasRole, type Role } from '@infoscreen/shared-types';
import type { Request } from 'express';
import { hashOfToken } from '../auth/token-secret.ts';
import type { SessionUser } from '../http/request-context.ts';

const WELL_FORMED = new RegExp(`^${API_TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`);

interface TokenUserRow {
  readonly token_id: string;
  readonly token_name: string;
  readonly token_role: Role;
  readonly is_use_noted: boolean;
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly must_change_password: boolean;
}

/** What the header `Authorization: Bearer …` carries, `''` included; null without such a header. */
export function bearerToken(req: Request): string | null {
  const match = /^bearer(?: +(.*))?$/is.exec(req.get('authorization') ?? '');
  return match === null ? null : (match[1] ?? '').trim();
}

/**
 * Finds whom a token speaks for, with the lower one of both roles; null where it is unknown, expired or revoked, or its
 * owner is disabled. The database's clock decides. Its use is noted, at most once a minute.
 */
export async function findTokenUser(
  db: Queryable,
  { secret, ip }: { readonly secret: string; readonly ip: string },
): Promise<SessionUser | null> {
  if (!WELL_FORMED.test(secret)) return null;
  const { rows } = await db.query<TokenUserRow>(
    `SELECT t.id AS token_id, t.name AS token_name, t.role AS token_role, u.id, u.username, u.role, u.must_change_password,
            coalesce(t.last_used_at > now() - interval '1 minute', false) AS is_use_noted
     FROM api_tokens t JOIN users u ON u.id = t.user_id
     WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > now() AND u.disabled_at IS NULL`,
    [hashOfToken(secret)],
  );
  const row = rows[0];
  if (row === undefined) return null;
  if (!row.is_use_noted) await noteUse(db, { id: row.token_id, ip });
  return {
    id: row.id,
    username: row.username,
    role: hasRole(row.role, row.token_role) ? row.token_role : row.role,
    mustChangePassword: row.must_change_password,
    token: { id: row.token_id, name: row.token_name },
  };
}

async function noteUse(
  db: Queryable,
  { id, ip }: { readonly id: string; readonly ip: string },
): Promise<void> {
  await db.query(
    `UPDATE api_tokens SET last_used_at = now(), last_used_ip = $2
     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 minute')`,
    [id, ip],
  );
}
