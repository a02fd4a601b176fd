import type { Database } from '@infoscreen/prisma';
import type { Role } from '@infoscreen/shared-types';
import type { SessionUser } from '../http/request-context.ts';
import type { StoredLogin } from '../http/sessions.ts';

interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly role: Role;
  readonly must_change_password: boolean;
}

/**
 * Finds the user of a session; null where the session is over: the user is disabled or gone, the password or role
 * changed since, the session was ended, or the log-in is older than `absoluteSeconds` by the database's clock.
 */
export async function findSessionUser(
  { pool }: Pick<Database, 'pool'>,
  { userId, sessionEpoch, loggedInAt, sid }: StoredLogin & { readonly sid: string },
  { absoluteSeconds }: { readonly absoluteSeconds: number },
): Promise<SessionUser | null> {
  const { rows } = await pool.query<UserRow>(
    `SELECT id, username, role, must_change_password FROM users
     WHERE id = $1 AND session_epoch = $2 AND disabled_at IS NULL
       AND to_timestamp($3::float8 / 1000) + make_interval(secs => $4) > now()
       AND EXISTS (SELECT FROM user_sessions WHERE sid = $5)`,
    [userId, sessionEpoch, loggedInAt, absoluteSeconds, sid],
  );
  const user = rows[0];
  if (user === undefined) return null;
  const { id, username, role, must_change_password: mustChangePassword } = user;
  return { id, username, role, mustChangePassword, token: null };
}
