import { prepared, type Queryable } from '@infoscreen/prisma';
import type { Role } from '@infoscreen/shared-types';
import type { SessionData } from 'express-session';
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

/** What is stored of a session, and in the same statement whose it is now, for `findSessionUser`; null where it is over. */
export async function readSession(
  pool: Queryable,
  sid: string,
  { absoluteSeconds }: SessionBounds,
): Promise<SessionData | null> {
  const { rows } = await pool.query<UserRow & { readonly sess: SessionData }>(
    prepared(
      `SELECT s.sess, u.id, u.username, u.role, u.must_change_password
       FROM user_sessions s LEFT JOIN users u ON ${OF_STORED_LOGIN}
       WHERE s.sid = $1 AND s.expire > now()`,
      [sid, absoluteSeconds],
    ),
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { login } = row.sess;
  if (login !== undefined) readAlong.set(login, sessionUser(row));
  return row.sess;
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
