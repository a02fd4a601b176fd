import type { Queryable } from '@infoscreen/prisma';
import { aclRules, deviceAccess, serviceAccess } from '@infoscreen/shared-types';
import { sealPurpose } from './account-credentials.ts';
import { type DesiredAccount, deviceRoleName } from './plan-accounts.ts';
import type { SecretSeal } from './secret-seal.ts';

const SERVICE_ROLE = 'infoscreen-service';

/** A row of `broker_accounts`. */
export interface AccountRow {
  readonly client_uuid: string;
  readonly password_sealed: string | null;
  readonly version: number;
  readonly desired: 'present' | 'absent';
  readonly applied_version: number | null;
}

/** Reads all rows, or those of which the broker has still to be told, oldest need first. */
export async function readAccountRows(
  db: Queryable,
  which: 'all' | 'pending',
  limit: number | null,
): Promise<AccountRow[]> {
  const { rows } = await db.query<AccountRow>(
    `SELECT client_uuid, password_sealed, version, desired, applied_version FROM broker_accounts
     WHERE $1 OR applied_version IS DISTINCT FROM version
     ORDER BY last_error IS NOT NULL, client_uuid LIMIT $2`,
    [which === 'all', limit],
  );
  return rows;
}

/** A screen's account: bound to its UUID as client id, with rules for its own topics alone. */
export function desiredDevice(
  { client_uuid: uuid, password_sealed: sealed, version }: AccountRow,
  seal: SecretSeal,
): DesiredAccount {
  return {
    username: uuid,
    rolename: deviceRoleName(uuid),
    acls: aclRules(deviceAccess(uuid)),
    clientId: uuid,
    marker: `version ${version}`,
    password: () => {
      try {
        return seal.open(sealed ?? '', sealPurpose(uuid, version));
      } catch {
        throw new Error('its password cannot be opened with this CREDENTIALS_KEY: rotate its credentials');
      }
    },
  };
}

/** The account that the services share. A keyed fingerprint of the password tells whether the broker has this one. */
export function desiredService(
  { username, password }: { readonly username: string; readonly password: string },
  seal: SecretSeal,
): DesiredAccount {
  return {
    username,
    rolename: SERVICE_ROLE,
    acls: aclRules(serviceAccess()),
    clientId: null,
    marker: `services ${seal.fingerprint(password, `service account ${username}`).slice(0, 16)}`,
    password: () => password,
  };
}
