import { createDatabase, inTransaction } from '@infoscreen/prisma';
import { createTestDatabase } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';

describe('a connection that the server cuts', () => {
  it('between two statements of a transaction fails the transaction, not the process', async () => {
    const test = await createTestDatabase();
    const database = createDatabase({ url: test.url, applicationName: 'cut', poolSize: 2 });
    const cut = inTransaction(database.pool, async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const isGone = new Promise((resolve) => client.once('end', resolve));
      await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await isGone;
      await client.query('SELECT 1');
    });
    await expect(cut).rejects.toThrow();
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await database.close();
    await test.drop();
  });
});
