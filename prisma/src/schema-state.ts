import type { Queryable } from './database.ts';
import { migrationNames } from './migrations-on-disk.ts';

/**
 * The schema that this version of the services needs, as a number: each migration that services depend on raises
 * `schema_compatibility.version` by one, and this with it. A migration that the services before it can't live with sets
 * `min_compatible_version` as well; services below it refuse the database.
 */
export const SCHEMA_VERSION = 12;

export type SchemaState =
  | { readonly fit: 'ready' }
  /** `missing`: migrations that this version knows and the database lacks. */
  | { readonly fit: 'too_old'; readonly version: number; readonly missing: readonly string[] }
  /** A later version has changed the schema so that this one may not work on it. */
  | { readonly fit: 'too_new'; readonly version: number; readonly minCompatibleVersion: number };

/**
 * Whether services of `serviceVersion` may work on this database. One that is newer than they are is fine as long as its
 * `min_compatible_version` allows it: so old and new replicas run side by side, and there is a way back.
 */
export async function readSchemaState(db: Queryable, serviceVersion = SCHEMA_VERSION): Promise<SchemaState> {
  const recorded = await recordedVersion(db);
  if (recorded === undefined || recorded.version < serviceVersion)
    return { fit: 'too_old', version: recorded?.version ?? 0, missing: await missingMigrations(db) };
  if (recorded.minCompatibleVersion > serviceVersion) return { fit: 'too_new', ...recorded };
  return { fit: 'ready' };
}

const UNDEFINED_TABLE = '42P01';

/** `undefined`: the database is older than the record. */
async function recordedVersion(
  db: Queryable,
): Promise<{ readonly version: number; readonly minCompatibleVersion: number } | undefined> {
  try {
    const { rows } = await db.query<{ version: number; minCompatibleVersion: number }>(
      'SELECT version, min_compatible_version AS "minCompatibleVersion" FROM schema_compatibility',
    );
    return rows[0];
  } catch (error) {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE) return undefined;
    throw error;
  }
}

/** Names of migrations that this version knows and the database lacks. One without any migration table lacks them all. */
export async function missingMigrations(db: Queryable): Promise<readonly string[]> {
  const known = await migrationNames();
  const { rows: tables } = await db.query<{ present: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present",
  );
  if (tables[0]?.present !== true) return known;
  const { rows } = await db.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const applied = new Set(rows.map((row) => row.migration_name));
  return known.filter((name) => !applied.has(name));
}
