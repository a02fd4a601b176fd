import type { Queryable } from '@infoscreen/prisma';
import {
  type createEnrolmentTokenBodySchema,
  ENROLMENT_TOKEN_PREFIX,
  type EnrolmentTokenView,
  type pageQuerySchema,
  uuidSchema,
} from '@infoscreen/shared-types';
import { z } from 'zod';
import { hashOfToken, makeTokenSecret } from '../auth/token-secret.ts';
import { decodeCursor, pageOfRows } from '../http/cursor.ts';

const COLUMNS =
  'id, description, "group", uses, max_uses, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by';

interface TokenRow {
  readonly id: string;
  readonly description: string | null;
  readonly group: string | null;
  readonly uses: number;
  readonly max_uses: number;
  readonly created_at: Date;
  readonly created_by: string;
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
}

function tokenView({
  created_at,
  expires_at,
  last_used_at,
  revoked_at,
  ...row
}: TokenRow): EnrolmentTokenView {
  return {
    ...row,
    created_at: created_at.toISOString(),
    expires_at: expires_at.toISOString(),
    last_used_at: last_used_at?.toISOString() ?? null,
    revoked_at: revoked_at?.toISOString() ?? null,
  };
}

/** @returns the token in clear, which is nowhere else */
export async function createEnrolmentToken(
  db: Queryable,
  { createdBy, ...body }: z.output<typeof createEnrolmentTokenBodySchema> & { readonly createdBy: string },
): Promise<{ readonly enrolmentToken: EnrolmentTokenView; readonly token: string }> {
  const token = makeTokenSecret(ENROLMENT_TOKEN_PREFIX);
  const { rows } = await db.query<TokenRow>(
    `INSERT INTO enrolment_tokens (token_hash, description, "group", max_uses, expires_at, created_by)
     VALUES ($1, nullif($2, ''), nullif($3, ''), $4, now() + make_interval(hours => $5), $6) RETURNING ${COLUMNS}`,
    [
      hashOfToken(token),
      body.description ?? null,
      body.group ?? null,
      body.uses,
      body.expires_in_hours,
      createdBy,
    ],
  );
  if (rows[0] === undefined) throw new Error('the enrolment token that was just made is not there');
  return { enrolmentToken: tokenView(rows[0]), token };
}

const cursorSchema = z.tuple([z.iso.datetime(), uuidSchema]);

/** Tokens, newest first. */
export async function listEnrolmentTokens(db: Queryable, query: z.output<typeof pageQuerySchema>) {
  const after = decodeCursor(query.cursor, cursorSchema);
  const { rows } = await db.query<TokenRow>(
    `SELECT ${COLUMNS} FROM enrolment_tokens
     WHERE $1::timestamptz IS NULL OR (created_at, id) < ($1, $2::uuid)
     ORDER BY created_at DESC, id DESC LIMIT $3`,
    [after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
  );
  return pageOfRows(rows, query.limit, {
    item: tokenView,
    key: ({ created_at, id }) => [created_at.toISOString(), id],
  });
}

/** Makes a token worthless at once; screens that came with it stay. @returns whether there is such a token */
export async function revokeEnrolmentToken(
  db: Queryable,
  { id, revokedBy }: { readonly id: string; readonly revokedBy: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE enrolment_tokens SET revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, $2)
     WHERE id = $1`,
    [id, revokedBy],
  );
  return rowCount === 1;
}

/**
 * Counts one use, in the caller's transaction: the row stays locked until it ends, so that parallel uses never exceed
 * `max_uses`, and a use that is rolled back isn't counted. The database's clock decides.
 * @returns null where the token is unknown, used up, expired or revoked
 */
export async function spendEnrolmentToken(
  db: Queryable,
  token: string,
): Promise<{ readonly id: string; readonly group: string | null } | null> {
  const { rows } = await db.query<{ id: string; group: string | null }>(
    `UPDATE enrolment_tokens SET uses = uses + 1, last_used_at = clock_timestamp()
     WHERE token_hash = $1 AND uses < max_uses AND expires_at > clock_timestamp() AND revoked_at IS NULL
     RETURNING id, "group"`,
    [hashOfToken(token)],
  );
  return rows[0] ?? null;
}
