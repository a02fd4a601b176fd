import type { Database } from '@infoscreen/prisma';
import type { UserView } from '@infoscreen/shared-types';
import type { LoginState, SessionUser } from '../http/request-context.ts';
import { userView } from '../users/user-view.ts';
import type { LoginLimits } from './login-limits.ts';
import type { PasswordHasher } from './password-hash.ts';

export type ChangePasswordResult =
  | { readonly outcome: 'changed'; readonly user: UserView; readonly login: LoginState }
  | { readonly outcome: 'wrong_password' }
  | { readonly outcome: 'same_password' };

/** Changes the own password and ends every other session of the user. */
export async function changePassword(
  { prisma, hasher, limits }: { prisma: Database['prisma']; hasher: PasswordHasher; limits: LoginLimits },
  { user, ip, current, next }: { user: SessionUser; ip: string; current: string; next: string },
): Promise<ChangePasswordResult> {
  const attempt = { username: user.username, ip };
  await limits.count(attempt);
  const row = await prisma.user.findUniqueOrThrow({ where: { id: user.id } });
  if (!(await hasher.matches(current, row.passwordHash))) return { outcome: 'wrong_password' };
  await limits.forgive(attempt);
  if (current === next) return { outcome: 'same_password' };
  const changed = await prisma.user.update({
    where: { id: user.id },
    data: {
      passwordHash: await hasher.hash(next),
      mustChangePassword: false,
      sessionEpoch: { increment: 1 },
    },
  });
  return {
    outcome: 'changed',
    user: userView(changed),
    login: { userId: changed.id, sessionEpoch: changed.sessionEpoch, loggedInAt: Date.now() },
  };
}
