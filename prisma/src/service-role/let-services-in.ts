import { withMigrationLock } from '../migration-lock.ts';
import { accountOf, ensureServiceRole, type ServiceRoleOutcome } from './ensure-service-role.ts';
import { grantServiceRights } from './grant-service-rights.ts';

export interface ServiceAccess {
  /** Of the role that owns the tables. */
  readonly url: string;
  /** Of the services. */
  readonly serviceUrl: string;
}

/**
 * After `migrate`: gives the role of `serviceUrl` what the services need, and no more. Does nothing where it is the owner's
 * own role. To be run again after each migration, and after a change of the password in `serviceUrl`.
 * @throws a sentence that says what to do, where the role is missing and can't be made
 */
export async function letServicesIn({
  url,
  serviceUrl,
}: ServiceAccess): Promise<ServiceRoleOutcome | 'same_role'> {
  const { role } = accountOf(serviceUrl);
  if (role === accountOf(url).role) return 'same_role';
  return withMigrationLock(url, async (owner) => {
    const outcome = await ensureServiceRole(owner, serviceUrl);
    await grantServiceRights(owner, role);
    return outcome;
  });
}
