import type { Queryable } from '@infoscreen/prisma';
import type { Logger } from '../logging/logger.ts';

const COULD_CHANGE_AUDIT_LOG = `
  SELECT has_table_privilege('audit_log', 'UPDATE, DELETE, TRUNCATE')
      OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'audit_log'::regclass), 'MEMBER') AS could`;

/** Says so where this service's database account could change what the audit log says. It works all the same. */
export async function checkAccountRights(pool: Queryable, logger: Logger): Promise<void> {
  try {
    const { rows } = await pool.query<{ could: boolean }>(COULD_CHANGE_AUDIT_LOG);
    if (rows[0]?.could === true)
      logger.warn('the database account of this service could change the audit log', {
        advice:
          'give the services an account of their own in DATABASE_URL, set MIGRATION_DATABASE_URL to the present one, and run the migrate step',
      });
  } catch (error) {
    logger.debug('the rights of the database account were not looked at', { error });
  }
}
