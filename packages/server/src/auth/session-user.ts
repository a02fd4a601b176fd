import { perPool, prepared, type Queryable, StatementBatches } from '@infoscreen/prisma';
import type { Role } from '@infoscreen/shared-types';
import type { SessionData } from 'express-session';
import type pg from 'pg';
import type { SessionUser } from '../http/request-context.ts';
import type { StoredLogin } from '../http/sessions.ts';

/** Bounds the whole life of a session. */
export interface SessionBounds {
  readonly absoluteSeconds: number;
}

interface UserRow {
  /** Null, as the rest: the session is stored, and nobody's any more. */
  readonly id: string | null;
  readonly username: string;
  readonly role: Role;
  readonly must_change_password: boolean;
}

/**
 * On `users u`, of the log-in whose parts are given in SQL: the user is neither disabled nor gone, has had the same
 * password and role since, and the log-in isn't older than a session may become, by the database's clock.
 */
function isStillGood(login: { user: string; epoch: string; at: string; absoluteSeconds: string }): string {
  return `u.id = ${login.user} AND u.session_epoch = ${login.epoch} AND u.disabled_at IS NULL
    AND to_timestamp(${login.at} / 1000) + make_interval(secs => ${login.absoluteSeconds}) > now()`;
}

const OF_STORED_LOGIN = isStillGood({
  user: `(s.sess #>> '{login,userId}')::uuid`,
  epoch: `(s.sess #>> '{login,sessionEpoch}')::int`,
  at: `(s.sess #>> '{login,loggedInAt}')::float8`,
  absoluteSeconds: '$2',
});
const OF_GIVEN_LOGIN = isStillGood({
  user: '$1',
  epoch: '$2',
  at: '$3::float8',
  absoluteSeconds: '$4',
});

/** Users that were read together with their session, each until it is asked for: once. */
const readAlong = new WeakMap<StoredLogin, SessionUser | null>();

interface AskedSession {
  readonly sid: string;
  readonly absoluteSeconds: number;
}
type SessionRow = UserRow & { readonly sid: string; readonly sess: string };

const MAX_BATCH = 200;

/** Requests that come together ask together; each by a statement that began after it came. */
const sessionsOf = perPool(
  (pool) =>
    new StatementBatches<AskedSession, { readonly row: SessionRow | undefined }>({
      run: async (asked) => {
        const { rows } = await pool.query<SessionRow>(
          prepared(
            `SELECT s.sid, s.sess::text AS sess, u.id, u.username, u.role, u.must_change_password
             FROM user_sessions s LEFT JOIN users u ON ${OF_STORED_LOGIN}
             WHERE s.sid = ANY ($1::text[]) AND s.expire > now()`,
            [asked.map(({ sid }) => sid), asked[0]?.absoluteSeconds],
          ),
        );
        const found = new Map(rows.map((row) => [row.sid, row]));
        return asked.map(({ sid }) => ({ row: found.get(sid) }));
      },
      maxItems: MAX_BATCH,
    }),
);

/** What is stored of a session, and in the same statement whose it is now, for `findSessionUser`; null where it is over. */
export async function readSession(
  pool: pg.Pool,
  sid: string,
  { absoluteSeconds }: SessionBounds,
): Promise<SessionData | null> {
  const { row } = await sessionsOf(pool).add({ sid, absoluteSeconds });
  if (row === undefined) return null;
  // Each caller has one of its own, which it may change.
  const session = JSON.parse(row.sess) as SessionData;
  if (session.login !== undefined) readAlong.set(session.login, sessionUser(row));
  return session;
}

/**
 * Finds the user of a session; null where the session is over: the user is disabled or gone, the password or role
 * changed since, the session was ended, or the log-in is older than `absoluteSeconds` by the database's clock.
 */
export async function findSessionUser(
  { pool }: { readonly pool: Queryable },
  { login, sid }: { readonly login: StoredLogin; readonly sid: string },
  { absoluteSeconds }: SessionBounds,
): Promise<SessionUser | null> {
  const { userId, sessionEpoch, loggedInAt } = login;
  const along = readAlong.get(login);
  // Only for the first who asks: a later one wants to know how it is by then.
  if (readAlong.delete(login) && along !== undefined) return along;
  const { rows } = await pool.query<UserRow>(
    `SELECT u.id, u.username, u.role, u.must_change_password FROM users u
     WHERE ${OF_GIVEN_LOGIN} AND EXISTS (SELECT FROM user_sessions WHERE sid = $5)`,
    [userId, sessionEpoch, loggedInAt, absoluteSeconds, sid],
  );
  return rows[0] === undefined ? null : sessionUser(rows[0]);
}

function sessionUser({
  id,
  username,
  role,
  must_change_password: mustChangePassword,
}: UserRow): SessionUser | null {
  return id === null ? null : { id, username, role, mustChangePassword, token: null };
}
