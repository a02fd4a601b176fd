import { type Database, inTransaction } from '@infoscreen/prisma';
import type { Role, UserView } from '@infoscreen/shared-types';
import { revokeApiTokensOf } from '../api-tokens/api-tokens.ts';
import { endSessionsOf } from '../auth/own-sessions.ts';
import type { PasswordHasher } from '../auth/password-hash.ts';
import { passwordWeakness } from '../auth/password-policy.ts';
import { isUniqueViolation } from '../http/database-errors.ts';
import { madePassword } from './made-password.ts';
import { readUser } from './read-users.ts';
import { userView } from './user-view.ts';

interface UserDeps {
  readonly prisma: Database['prisma'];
  readonly hasher: PasswordHasher;
}

export type CreateUserResult =
  | { readonly outcome: 'created'; readonly user: UserView; readonly password: string | null }
  | { readonly outcome: 'username_taken' }
  | { readonly outcome: 'weak_password'; readonly weakness: string };

/** Makes a user. Without a password one is made, returned this once, and must be changed at the first log-in. */
export async function createUser(
  { prisma, hasher }: UserDeps,
  { username, role, password }: { username: string; role: Role; password?: string | undefined },
): Promise<CreateUserResult> {
  const weakness = password === undefined ? null : passwordWeakness(password, username);
  if (weakness !== null) return { outcome: 'weak_password', weakness };
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

/** Gives a user a made password, to be changed at the next log-in, and ends all sessions and API tokens of the user. */
export async function resetPassword(
  { pool, prisma, hasher }: UserDeps & Pick<Database, 'pool'>,
  { id, resetBy }: { readonly id: string; readonly resetBy: string },
): Promise<{ readonly user: UserView; readonly password: string } | null> {
  const password = madePassword();
  const passwordHash = await hasher.hash(password);
  const isKnown = await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE users SET password_hash = $2, must_change_password = true, session_epoch = session_epoch + 1 WHERE id = $1`,
      [id, passwordHash],
    );
    await endSessionsOf(client, id);
    await revokeApiTokensOf(client, { userId: id, revokedBy: resetBy });
    return rowCount === 1;
  });
  return isKnown ? { user: await readUser({ prisma }, id), password } : null;
}
