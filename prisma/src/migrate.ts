import { withMigrationEngine } from './migration-engine.ts';
import { withMigrationLock } from './migration-lock.ts';
import { readMigrations } from './migrations-on-disk.ts';

/**
 * Brings the database at `url` to the newest schema; what `prisma migrate deploy` does, and interchangeable with it.
 * Safe when many processes start it together: they queue on an advisory lock of a session of its own.
 * @returns names of the migrations that were applied now
 * @throws when the lock isn't to be had within a minute, or a migration fails
 */
export async function migrate({ url }: { readonly url: string }): Promise<readonly string[]> {
  return withMigrationLock(url, async () => {
    const migrationsList = await readMigrations();
    const { appliedMigrationNames } = await withMigrationEngine(url, (engine) =>
      engine.applyMigrations({ migrationsList, filters: { externalTables: [], externalEnums: [] } }),
    );
    return appliedMigrationNames;
  });
}
