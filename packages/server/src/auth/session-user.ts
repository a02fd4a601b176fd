import type { Database } from '@infoscreen/prisma';
import type { Role } from '@infoscreen/shared-types';
import type { LoginState, SessionUser } from '../http/request-context.ts';

/**
 * Finds the user of a session; null where the session is over: the user is disabled or gone, the password or role
 * changed since, or the log-in is older than `absoluteSeconds`.
 */
export async function findSessionUser(
  { prisma }: Pick<Database, 'prisma'>,
  { userId, sessionEpoch, loggedInAt }: LoginState,
  { absoluteSeconds, now }: { readonly absoluteSeconds: number; readonly now: number },
): Promise<SessionUser | null> {
  if (now - loggedInAt > absoluteSeconds * 1000) return null;
  const user = await prisma.user.findUnique({ where: { id: userId } });
  if (user === null || user.disabledAt !== null || user.sessionEpoch !== sessionEpoch) return null;
  return {
    id: user.id,
    username: user.username,
    role: user.role as Role,
    mustChangePassword: user.mustChangePassword,
  };
}
