import { readSchemaState, SCHEMA_VERSION } from '@infoscreen/prisma';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

describe('the version of the schema', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeEach(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });
  const record = (version: number, minCompatible: number) =>
    pool.query('UPDATE schema_compatibility SET version = $1, min_compatible_version = $2', [
      version,
      minCompatible,
    ]);

  it('is the one that the services need, once every migration is applied', async () => {
    const { rows } = await pool.query('SELECT version FROM schema_compatibility');
    expect(rows).toEqual([{ version: SCHEMA_VERSION }]);
    expect(await readSchemaState(pool)).toEqual({ fit: 'ready' });
  });

  it('lets older services run on a newer schema that allows them: a rolling upgrade and a way back exist', async () => {
    await record(SCHEMA_VERSION + 2, SCHEMA_VERSION);
    expect(await readSchemaState(pool)).toEqual({ fit: 'ready' });
    await record(SCHEMA_VERSION + 2, SCHEMA_VERSION + 1);
    expect(await readSchemaState(pool)).toEqual({
      fit: 'too_new',
      version: SCHEMA_VERSION + 2,
      minCompatibleVersion: SCHEMA_VERSION + 1,
    });
  });

  it('lets no newer service run on an older schema', async () => {
    expect(await readSchemaState(pool, SCHEMA_VERSION + 1)).toMatchObject({
      fit: 'too_old',
      version: SCHEMA_VERSION,
    });
  });

  it('cannot be raised past what is allowed, nor be there twice', async () => {
    await expect(record(SCHEMA_VERSION, SCHEMA_VERSION + 1)).rejects.toThrow(/order_check/);
    await expect(pool.query('INSERT INTO schema_compatibility VALUES (2, 9, 1)')).rejects.toThrow(
      /single_check/,
    );
  });

  it('of an empty database is none: every migration is missing', async () => {
    const empty = await createEmptyDatabase();
    const emptyPool = new pg.Pool({ connectionString: empty.url, max: 1 });
    const state = await readSchemaState(emptyPool);
    await emptyPool.end();
    await empty.drop();
    expect(state).toMatchObject({ fit: 'too_old', version: 0 });
    expect(state.fit === 'too_old' && state.missing.length).toBeGreaterThan(1);
  });
});
