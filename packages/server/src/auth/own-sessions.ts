import type { Queryable } from '@infoscreen/prisma';
import { type pageQuerySchema, type SessionView, uuidSchema } from '@infoscreen/shared-types';
import { z } from 'zod';
import { decodeCursor, pageOfRows } from '../http/cursor.ts';

/** The expression of the index `user_sessions_user_idx`. */
const OWNER = `sess -> 'login' ->> 'userId'`;
const LOGGED_IN_AT = `to_timestamp((sess -> 'login' ->> 'loggedInAt')::float8 / 1000)`;

interface SessionRow {
  readonly id: string;
  readonly logged_in_at: Date;
  readonly last_used_at: Date;
  readonly expires_at: Date;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly current: boolean;
}

interface OwnSession {
  readonly userId: string;
  /** Of the session that asks. */
  readonly sid: string;
}

const cursorSchema = z.tuple([z.iso.datetime(), uuidSchema]);

/** The sessions of a user with which a request would be let in now, newest first. */
export async function listOwnSessions(
  db: Queryable,
  { userId, sid, absoluteSeconds }: OwnSession & { readonly absoluteSeconds: number },
  { limit, cursor }: z.output<typeof pageQuerySchema>,
) {
  const after = decodeCursor(cursor, cursorSchema);
  const { rows } = await db.query<SessionRow>(
    `SELECT * FROM (
       SELECT s.id, date_trunc('milliseconds', ${LOGGED_IN_AT}) AS logged_in_at, s.last_used_at, s.sid = $2 AS current,
              least(expire, ${LOGGED_IN_AT} + make_interval(secs => $3)) AS expires_at,
              sess -> 'login' ->> 'ip' AS ip, sess -> 'login' ->> 'userAgent' AS user_agent
       FROM user_sessions s JOIN users u ON u.id = $1
       WHERE ${OWNER} = $1::text AND (sess -> 'login' ->> 'sessionEpoch')::int = u.session_epoch) own
     WHERE expires_at > now() AND ($4::timestamptz IS NULL OR (logged_in_at, id) < ($4, $5::uuid))
     ORDER BY logged_in_at DESC, id DESC LIMIT $6`,
    [userId, sid, absoluteSeconds, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  return pageOfRows(rows, limit, {
    item: sessionView,
    key: ({ logged_in_at, id }) => [logged_in_at.toISOString(), id],
  });
}

function sessionView({ logged_in_at, last_used_at, expires_at, ...row }: SessionRow): SessionView {
  return {
    ...row,
    logged_in_at: logged_in_at.toISOString(),
    last_used_at: last_used_at.toISOString(),
    expires_at: expires_at.toISOString(),
  };
}

/** Ends one session of a user. @returns its `sid`; null where the user has no such session */
export async function endOwnSession(
  db: Queryable,
  { id, userId }: { readonly id: string; readonly userId: string },
): Promise<string | null> {
  const { rows } = await db.query<{ sid: string }>(
    `DELETE FROM user_sessions WHERE id = $1 AND ${OWNER} = $2 RETURNING sid`,
    [id, userId],
  );
  return rows[0]?.sid ?? null;
}

/** Ends every session of a user but the one that asks. @returns how many */
export async function endOtherSessions(db: Queryable, { userId, sid }: OwnSession): Promise<number> {
  const { rowCount } = await db.query(`DELETE FROM user_sessions WHERE ${OWNER} = $1 AND sid <> $2`, [
    userId,
    sid,
  ]);
  return rowCount ?? 0;
}

/**
 * Ends every session of a user; in the transaction that raises the user's `session_epoch`, which also refuses the session
 * of a log-in that is under way.
 * @returns the `sid` of each
 */
export async function endSessionsOf(db: Queryable, userId: string): Promise<readonly string[]> {
  const { rows } = await db.query<{ sid: string }>(
    `DELETE FROM user_sessions WHERE ${OWNER} = $1 RETURNING sid`,
    [userId],
  );
  return rows.map(({ sid }) => sid);
}
