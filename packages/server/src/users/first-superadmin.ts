import { type Database, inTransaction } from '@infoscreen/prisma';
import { StartRefusedError } from '@infoscreen/service-kit';
import { recordWriteWithin } from '../audit/audit-log.ts';
import type { PasswordHasher } from '../auth/password-hash.ts';
import { passwordWeakness } from '../auth/password-policy.ts';

/** Key of the advisory lock under which superadmins are made and unmade; of no other meaning in any service. */
export const SUPERADMIN_LOCK = 4_907_162_514;

/** By whoever starts the server or runs the program: there is no user yet, and no request. */
const CREATION = {
  actor: null,
  actorUserId: null,
  action: 'createFirstSuperadmin',
  ip: null,
  requestId: null,
  detail: null,
  outcome: 'success',
  statusCode: 0,
  errorCode: null,
} as const;

export interface FirstSuperadmin {
  readonly username: string;
  readonly password: string;
  /** True for a password that was made; false for one that somebody chose. */
  readonly mustChangePassword: boolean;
}

/**
 * Makes the first superadmin where there is no user at all. Of several replicas that start together exactly one does.
 * An existing user is never touched: settings that stay behind must not undo a changed password.
 * @throws StartRefusedError where the password is too easy to guess
 */
export async function ensureFirstSuperadmin(
  { pool, hasher }: { pool: Database['pool']; hasher: PasswordHasher },
  { username, password, mustChangePassword }: FirstSuperadmin,
): Promise<'created' | 'users_exist'> {
  if (await hasUsers(pool)) return 'users_exist';
  const weakness = passwordWeakness(password, username);
  if (weakness !== null) throw new StartRefusedError(`ADMIN_PASSWORD: ${weakness}.`);
  const passwordHash = await hasher.hash(password);
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SUPERADMIN_LOCK]);
    if (await hasUsers(client)) return 'users_exist';
    await client.query(
      `INSERT INTO users (username, password_hash, role, must_change_password) VALUES ($1, $2, 'superadmin', $3)`,
      [username, passwordHash, mustChangePassword],
    );
    await recordWriteWithin(client, { ...CREATION, target: username });
    return 'created';
  });
}

export async function hasUsers(db: Pick<Database['pool'], 'query'>): Promise<boolean> {
  const { rows } = await db.query<{ present: boolean }>('SELECT EXISTS (SELECT FROM users) AS present');
  return rows[0]?.present === true;
}
