import { createDatabase, type Database, inOneRoundTrip, prepared } from '@infoscreen/prisma';
import { createTestDatabase, eventually, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

const INSERT = 'INSERT INTO scratch (id) VALUES ($1::int) RETURNING id';

describe('statements in one round trip', () => {
  let test: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    test = await createTestDatabase();
    await test.asOwner('CREATE TABLE scratch (id int PRIMARY KEY)');
    await test.asOwner('GRANT ALL ON scratch TO PUBLIC');
    // One connection, so that what is left behind in it would be found.
    database = createDatabase({ url: test.url, applicationName: 'round-trip', poolSize: 1 });
  });
  beforeEach(() => test.asOwner('DELETE FROM scratch'));
  afterAll(async () => {
    await database.close();
    await test.drop();
  });
  const ids = async () =>
    (await test.asOwner<{ id: number }>('SELECT id FROM scratch ORDER BY id')).map(({ id }) => id);

  it('are one transaction, in which each sees what those before it did', async () => {
    const results = await inOneRoundTrip(database.pool, [
      { text: INSERT, values: [1] },
      prepared(INSERT, [2]),
      {
        text: 'SELECT count(*)::int AS count, pg_current_xact_id_if_assigned() IS NOT NULL AS one FROM scratch',
      },
    ]);
    expect(results.map(({ rows }) => rows)).toEqual([[{ id: 1 }], [{ id: 2 }], [{ count: 2, one: true }]]);
    expect(await ids()).toEqual([1, 2]);
  });

  it('leave nothing when one of them fails, and the connection as it was, with what it had prepared', async () => {
    const [never, later] = ['SELECT 1 / $1::int AS never', 'SELECT $1::int AS later'];
    const failing = [prepared(INSERT, [3]), prepared(never, [0]), prepared(later, [1])];
    await expect(inOneRoundTrip(database.pool, failing)).rejects.toMatchObject({ code: '22012' });
    expect(await ids()).toEqual([]);
    const again = [prepared(later, [2]), prepared(never, [1]), prepared(INSERT, [4])];
    const results = await inOneRoundTrip(database.pool, again);
    expect(results.map(({ rows }) => rows)).toEqual([[{ later: 2 }], [{ never: 1 }], [{ id: 4 }]]);
    expect(await ids()).toEqual([4]);
  });

  it('leave nothing when one of them can not even be sent', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const unsendable = [prepared(INSERT, [5]), { text: 'SELECT $1::jsonb', values: [circular] }];
    await expect(inOneRoundTrip(database.pool, unsendable)).rejects.toThrow(/circular/i);
    expect(await ids()).toEqual([]);
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('see in a later one what others committed while an earlier one waited for them', async () => {
    const other = new pg.Client({ connectionString: test.ownerUrl });
    await other.connect();
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock(1)');
    const waiting = inOneRoundTrip(database.pool, [
      { text: 'SELECT pg_advisory_xact_lock(1)' },
      { text: 'SELECT id FROM scratch' },
    ]);
    await eventually(
      async () =>
        (await test.asOwner("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).length > 0,
    );
    await other.query('INSERT INTO scratch (id) VALUES (6)');
    await other.query('COMMIT');
    await other.end();
    expect((await waiting)[1]?.rows).toEqual([{ id: 6 }]);
  });

  it('fail with the connection, which is not used again', async () => {
    const cut = inOneRoundTrip(database.pool, [
      { text: INSERT, values: [7] },
      { text: 'SELECT pg_terminate_backend(pg_backend_pid())' },
    ]);
    await expect(cut).rejects.toThrow();
    expect(await ids()).toEqual([]);
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});
