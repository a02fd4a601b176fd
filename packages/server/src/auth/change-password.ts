import { type Database, inTransaction } from '@infoscreen/prisma';
import type { UserView } from '@infoscreen/shared-types';
import { ProblemError } from '../http/problem-error.ts';
import type { LoginState, SessionUser } from '../http/request-context.ts';
import { readUser } from '../users/read-users.ts';
import type { LoginLimits } from './login-limits.ts';
import { endSessionsOf } from './own-sessions.ts';
import type { PasswordHasher } from './password-hash.ts';
import { passwordWeakness } from './password-policy.ts';

export type ChangePasswordResult =
  | { readonly outcome: 'changed'; readonly user: UserView; readonly login: LoginState }
  | { readonly outcome: 'wrong_password' }
  | { readonly outcome: 'same_password' }
  | { readonly outcome: 'weak_password'; readonly weakness: string };

export interface PasswordChange {
  readonly user: SessionUser;
  readonly sid: string;
  readonly ip: string;
  readonly current: string;
  readonly next: string;
}

interface ChangeDeps {
  readonly pool: Database['pool'];
  readonly prisma: Database['prisma'];
  readonly hasher: PasswordHasher;
  readonly limits: LoginLimits;
}

/**
 * Changes the own password and ends every session of the user; the caller begins a new one.
 * @throws ProblemError `not_authenticated` where the session or the user was ended meanwhile: then nothing is changed
 */
export async function changePassword(
  { pool, prisma, hasher, limits }: ChangeDeps,
  { user, sid, ip, current, next }: PasswordChange,
): Promise<ChangePasswordResult> {
  const attempt = await limits.count({ username: user.username, ip });
  const row = await prisma.user.findUniqueOrThrow({ where: { id: user.id } });
  if (!(await hasher.matches(current, row.passwordHash))) return { outcome: 'wrong_password' };
  await attempt.forgive();
  if (current === next) return { outcome: 'same_password' };
  const weakness = passwordWeakness(next, user.username);
  if (weakness !== null) return { outcome: 'weak_password', weakness };
  const login = await storePassword(pool, {
    userId: user.id,
    sessionEpoch: row.sessionEpoch,
    sid,
    passwordHash: await hasher.hash(next),
  });
  return { outcome: 'changed', user: await readUser({ prisma }, user.id), login };
}

/** Fenced by the epoch and by the session itself: a reset, or a session that was revoked meanwhile, wins. */
function storePassword(
  pool: Database['pool'],
  {
    userId,
    sessionEpoch,
    sid,
    passwordHash,
  }: LoginState & { readonly sid: string; readonly passwordHash: string },
): Promise<LoginState> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ session_epoch: number }>(
      `UPDATE users SET password_hash = $3, must_change_password = false, session_epoch = session_epoch + 1
       WHERE id = $1 AND session_epoch = $2 AND disabled_at IS NULL RETURNING session_epoch`,
      [userId, sessionEpoch, passwordHash],
    );
    const ended = await endSessionsOf(client, userId);
    const changed = rows[0];
    if (changed === undefined || !ended.includes(sid)) throw new ProblemError('not_authenticated');
    return { userId, sessionEpoch: changed.session_epoch };
  });
}
