import type { Queryable } from '@infoscreen/prisma';
import {
  accessOfServices,
  aclRules,
  deviceAccess,
  type ServiceName,
  unitedAccess,
  watchAccess,
} from '@infoscreen/shared-types';
import { sealPurpose } from './account-credentials.ts';
import { type DesiredAccount, deviceRoleName, SERVICE_MARKER, serviceRoleName } from './plan-accounts.ts';
import type { SecretSeal } from './secret-seal.ts';

/** A row of `broker_accounts`. */
export interface AccountRow {
  readonly client_uuid: string;
  readonly password_sealed: string | null;
  readonly version: number;
  readonly desired: 'present' | 'absent';
  readonly applied_version: number | null;
  /** Of a screen that flooded; null again when the broker has been told that it is over. */
  readonly suspended_until: Date | null;
  /** The broker has been told that it is suspended. */
  readonly suspended_applied: boolean;
  /** Whether it was suspended when the row was read, by the database's clock. */
  readonly is_suspended: boolean;
}

/** SQL: the broker has still to be told of the row. An index has the rows that may be. */
export const IS_PENDING = `(is_untold
  OR suspended_until IS NOT NULL AND (NOT suspended_applied OR suspended_until <= clock_timestamp()))`;

/** Reads all rows, or those of which the broker has still to be told; those with which it failed before come last. */
export async function readAccountRows(
  db: Queryable,
  which: 'all' | 'pending',
  limit: number | null,
): Promise<AccountRow[]> {
  const { rows } = await db.query<AccountRow>(
    `SELECT client_uuid, password_sealed, version, desired, applied_version, suspended_until, suspended_applied,
       desired = 'present' AND coalesce(suspended_until > clock_timestamp(), false) AS is_suspended
     FROM broker_accounts WHERE $1 OR ${IS_PENDING}
     ORDER BY last_error IS NOT NULL, client_uuid LIMIT $2`,
    [which === 'all', limit],
  );
  return rows;
}

/** A screen's account: bound to its UUID as client id, with rules for its own topics alone. */
export function desiredDevice(
  { client_uuid: uuid, password_sealed: sealed, version, is_suspended: isDisabled }: AccountRow,
  seal: SecretSeal,
): DesiredAccount {
  return {
    username: uuid,
    rolename: deviceRoleName(uuid),
    acls: aclRules(deviceAccess(uuid)),
    clientId: uuid,
    marker: `version ${version}`,
    isDisabled,
    password: () => {
      try {
        return seal.open(sealed ?? '', sealPurpose(uuid, version));
      } catch {
        throw new Error('its password cannot be opened with this CREDENTIALS_KEY: rotate its credentials');
      }
    },
  };
}

/** An account that services log in with. */
export interface ServiceLogin {
  readonly username: string;
  readonly password: string;
  /** Those that use it; with none of them an operator may still watch with it. */
  readonly services: readonly ServiceName[];
}

/**
 * The accounts of the services: each may do what the services that use it need. The first one, `MQTT_USER`, is an
 * operator's to watch with as well. A keyed fingerprint of the password tells whether the broker has this one.
 */
export function desiredServices(logins: readonly ServiceLogin[], seal: SecretSeal): DesiredAccount[] {
  return logins.map(({ username, password, services }, index) => ({
    username,
    rolename: serviceRoleName(index === 0 ? null : username),
    acls: aclRules(unitedAccess([...(index === 0 ? [watchAccess()] : []), accessOfServices(services)])),
    clientId: null,
    marker: `${SERVICE_MARKER}${seal.fingerprint(password, `service account ${username}`).slice(0, 16)}`,
    isDisabled: false,
    password: () => password,
  }));
}
