import { randomBytes } from 'node:crypto';
import type { Queryable } from '@infoscreen/prisma';
import type { SecretSeal } from './secret-seal.ts';

const PASSWORD_BYTES = 32;

/** Binds a sealed password to its account and version, so that no other row's secret can be put in its place. */
export function sealPurpose(clientUuid: string, version: number): string {
  return `broker account ${clientUuid} version ${version}`;
}

/**
 * Wants an account with a new password for a client: the next version of its row. The broker is told afterwards. One that is
 * suspended stays so until its time is over: a new password cures no flood.
 * @returns the password in clear, which is nowhere else
 */
export async function renewAccount(
  db: Queryable,
  { clientUuid, seal }: { readonly clientUuid: string; readonly seal: SecretSeal },
): Promise<{ readonly password: string; readonly version: number }> {
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  // The row is locked first: the version is part of what the password is sealed with.
  const { rows } = await db.query<{ version: number }>(
    'SELECT version FROM broker_accounts WHERE client_uuid = $1 FOR UPDATE',
    [clientUuid],
  );
  const version = (rows[0]?.version ?? 0) + 1;
  await db.query(
    `INSERT INTO broker_accounts (client_uuid, password_sealed, version, desired) VALUES ($1, $2, $3, 'present')
     ON CONFLICT (client_uuid) DO UPDATE
       SET password_sealed = EXCLUDED.password_sealed, version = EXCLUDED.version, desired = 'present', last_error = NULL`,
    [clientUuid, seal.seal(password, sealPurpose(clientUuid, version)), version],
  );
  return { password, version };
}

/** Wants no account for a client any more; its secret is forgotten at once. */
export async function withdrawAccount(db: Queryable, clientUuid: string): Promise<void> {
  await db.query(
    `INSERT INTO broker_accounts (client_uuid, password_sealed, version, desired) VALUES ($1, NULL, 1, 'absent')
     ON CONFLICT (client_uuid) DO UPDATE
       SET password_sealed = NULL, version = broker_accounts.version + 1, desired = 'absent', last_error = NULL,
         suspended_until = NULL, suspended_applied = false`,
    [clientUuid],
  );
}
