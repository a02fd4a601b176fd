import type { Database } from '@infoscreen/prisma';
import type { Role, UserView } from '@infoscreen/shared-types';
import type { PasswordHasher } from '../auth/password-hash.ts';
import { isUniqueViolation } from '../http/database-errors.ts';
import { madePassword } from './made-password.ts';
import { userView } from './user-view.ts';

interface UserDeps {
  readonly prisma: Database['prisma'];
  readonly hasher: PasswordHasher;
}

export type CreateUserResult =
  | { readonly outcome: 'created'; readonly user: UserView; readonly password: string | null }
  | { readonly outcome: 'username_taken' };

/** Makes a user. Without a password one is made, returned this once, and must be changed at the first log-in. */
export async function createUser(
  { prisma, hasher }: UserDeps,
  { username, role, password }: { username: string; role: Role; password?: string | undefined },
): Promise<CreateUserResult> {
  const made = password === undefined ? madePassword() : null;
  const passwordHash = await hasher.hash(made ?? password ?? '');
  try {
    const user = await prisma.user.create({
      data: { username, role, passwordHash, mustChangePassword: made !== null },
    });
    return { outcome: 'created', user: userView(user), password: made };
  } catch (error) {
    if (isUniqueViolation(error)) return { outcome: 'username_taken' };
    throw error;
  }
}

/** Gives a user a made password, to be changed at the next log-in, and ends all of the user's sessions. */
export async function resetPassword(
  { prisma, hasher }: UserDeps,
  id: string,
): Promise<{ readonly user: UserView; readonly password: string } | null> {
  const password = madePassword();
  const [user] = await prisma.user.updateManyAndReturn({
    where: { id },
    data: {
      passwordHash: await hasher.hash(password),
      mustChangePassword: true,
      sessionEpoch: { increment: 1 },
    },
  });
  return user === undefined ? null : { user: userView(user), password };
}
