import { applyDatamodel, migrate, missingMigrations } from '@infoscreen/prisma';
import { createEmptyDatabase } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';

const COLUMNS = `
  SELECT table_name, column_name, data_type, datetime_precision, is_nullable, column_default
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
  ORDER BY table_name, column_name`;
const KEYS_AND_INDEXES = `
  SELECT pg_get_constraintdef(oid) AS definition, conrelid::regclass::text AS of FROM pg_constraint
  WHERE contype IN ('f', 'p', 'u') AND connamespace = 'public'::regnamespace AND conrelid::regclass::text <> '_prisma_migrations'
  UNION ALL
  SELECT indexdef, tablename FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'
  ORDER BY 2, 1`;

async function inspect(url: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: columns } = await client.query(COLUMNS);
    const { rows: keys } = await client.query(KEYS_AND_INDEXES);
    return { columns, keys };
  } finally {
    await client.end();
  }
}

describe('the migrations', () => {
  it('lead an empty database to what schema.prisma says', async () => {
    const migrated = await createEmptyDatabase();
    const modelled = await createEmptyDatabase();
    await migrate({ url: migrated.url });
    await applyDatamodel({ url: modelled.url });
    const [actual, wanted] = [await inspect(migrated.url), await inspect(modelled.url)];
    await migrated.drop();
    await modelled.drop();
    expect(wanted.columns.length).toBeGreaterThan(100);
    expect(actual.columns).toEqual(wanted.columns);
    // Partial indexes stand in the SQL only, so there may be more.
    expect(actual.keys).toEqual(expect.arrayContaining(wanted.keys));
  });

  it('run once when many processes start them together', async () => {
    const database = await createEmptyDatabase();
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrate({ url: database.url })));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    await database.drop();
  });

  it('are all missing from a database that nobody migrated', async () => {
    const database = await createEmptyDatabase();
    const pool = new pg.Pool({ connectionString: database.url });
    const before = await missingMigrations(pool);
    await migrate({ url: database.url });
    const after = await missingMigrations(pool);
    await pool.end();
    await database.drop();
    expect(before.length).toBeGreaterThan(0);
    expect(after).toEqual([]);
  });
});
