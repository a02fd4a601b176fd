import type { Database } from '@infoscreen/prisma';
import type { UserView } from '@infoscreen/shared-types';
import type { LoginState } from '../http/request-context.ts';
import { readUser } from '../users/read-users.ts';
import { rememberLogin } from './known-addresses.ts';
import type { LoginAttempt, LoginLimits } from './login-limits.ts';
import type { PasswordHasher } from './password-hash.ts';

export interface LogInDeps {
  readonly pool: Database['pool'];
  readonly prisma: Database['prisma'];
  readonly hasher: PasswordHasher;
  readonly limits: LoginLimits;
}

export type LogInResult =
  | { readonly outcome: 'logged_in'; readonly user: UserView; readonly login: LoginState }
  /** `username` of a user that exists; null where nobody is called so. */
  | { readonly outcome: 'refused'; readonly username: string | null };

/**
 * Checks a user name and a password. Unknown user, wrong password and disabled user are told apart neither by the
 * answer nor by its time.
 * @throws ProblemError `too_many_attempts`
 */
export async function logIn(
  { pool, prisma, hasher, limits }: LogInDeps,
  { username, password, ip }: LoginAttempt & { readonly password: string },
): Promise<LogInResult> {
  const attempt = await limits.count({ username, ip });
  const user = await prisma.user.findUnique({ where: { username: username.trim().toLowerCase() } });
  const isRight = await hasher.matches(password, user?.passwordHash ?? null);
  if (user === null || !isRight || user.disabledAt !== null) {
    return { outcome: 'refused', username: user?.username ?? null };
  }
  await attempt.forgive();
  await rememberLogin(pool, { userId: user.id, ip });
  return {
    outcome: 'logged_in',
    user: await readUser({ prisma }, user.id),
    login: { userId: user.id, sessionEpoch: user.sessionEpoch },
  };
}
