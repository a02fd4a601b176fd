import pg from 'pg';
import { withMigrationEngine } from './migration-engine.ts';
import { readMigrations } from './migrations-on-disk.ts';

/** Key of the advisory lock under which migrations run: "infoscreen migrations", of no other meaning. */
const MIGRATION_LOCK = 4_907_162_511;
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Brings the database at `url` to the newest schema; what `prisma migrate deploy` does, and interchangeable with it.
 * Safe when many processes start it together: they queue on an advisory lock of a session of its own.
 * @returns names of the migrations that were applied now
 * @throws when the lock isn't to be had within a minute, or a migration fails
 */
export async function migrate({ url }: { readonly url: string }): Promise<readonly string[]> {
  const lock = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    application_name: 'infoscreen-migrate',
  });
  lock.on('error', () => {});
  await lock.connect();
  try {
    await lock.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const migrationsList = await readMigrations();
    const { appliedMigrationNames } = await withMigrationEngine(url, (engine) =>
      engine.applyMigrations({ migrationsList, filters: { externalTables: [], externalEnums: [] } }),
    );
    return appliedMigrationNames;
  } finally {
    await lock.end();
  }
}
