import { type Database, inTransaction, type Queryable } from '@infoscreen/prisma';
import type { Role } from '@infoscreen/shared-types';
import { revokeApiTokensOf } from '../api-tokens/api-tokens.ts';
import { endSessionsOf } from '../auth/own-sessions.ts';
import { SUPERADMIN_LOCK } from './first-superadmin.ts';

export interface UserChange {
  readonly id: string;
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
  /** Name of who does it. */
  readonly changedBy: string;
}

export type UpdateUserResult = 'updated' | 'unchanged' | 'user_not_found' | 'last_superadmin';

interface UserRow {
  readonly role: Role;
  readonly is_disabled: boolean;
}

/**
 * Changes a role, disables or enables. A user whose role changed or who was disabled is logged out everywhere; the API
 * tokens of one who was disabled are revoked.
 * Under one lock for all such changes: two superadmins who take each other's role away at once can't both succeed.
 */
export function updateUser(
  { pool }: Pick<Database, 'pool'>,
  { id, role, disabled, changedBy }: UserChange,
): Promise<UpdateUserResult> {
  return inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SUPERADMIN_LOCK]);
    const { rows } = await client.query<UserRow>(
      'SELECT role, disabled_at IS NOT NULL AS is_disabled FROM users WHERE id = $1 FOR UPDATE',
      [id],
    );
    const before = rows[0];
    if (before === undefined) return 'user_not_found';
    const after = { role: role ?? before.role, isDisabled: disabled ?? before.is_disabled };
    if (after.role === before.role && after.isDisabled === before.is_disabled) return 'unchanged';
    const losesSuperadmin =
      isActiveSuperadmin(before.role, before.is_disabled) &&
      !isActiveSuperadmin(after.role, after.isDisabled);
    if (losesSuperadmin && !(await hasOtherSuperadmin(client, id))) return 'last_superadmin';
    await client.query(
      `UPDATE users SET role = $2, session_epoch = session_epoch + 1,
              disabled_at = CASE WHEN $3 THEN coalesce(disabled_at, now()) END
       WHERE id = $1`,
      [id, after.role, after.isDisabled],
    );
    await endSessionsOf(client, id);
    // For good: enabled again, a user has no program of before.
    if (after.isDisabled) await revokeApiTokensOf(client, { userId: id, revokedBy: changedBy });
    return 'updated';
  });
}

const isActiveSuperadmin = (role: Role, isDisabled: boolean) => role === 'superadmin' && !isDisabled;

async function hasOtherSuperadmin(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query<{ present: boolean }>(
    `SELECT EXISTS (SELECT FROM users WHERE role = 'superadmin' AND disabled_at IS NULL AND id <> $1) AS present`,
    [id],
  );
  return rows[0]?.present === true;
}
