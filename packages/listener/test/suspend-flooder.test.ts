import { randomUUID } from 'node:crypto';
import { createDatabase, type Database } from '@infoscreen/prisma';
import { createMetrics, type Logger } from '@infoscreen/service-kit';
import { createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSuspension } from '../src/rates/suspend-flooder.ts';

describe('the suspension of a client that floods', () => {
  let test: TestDatabase;
  let database: Database;
  const lines: string[] = [];
  const note = (message: string) => void lines.push(message);
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
  const metrics = createMetrics({ service: 'listener', instance: 'a' });
  beforeAll(async () => {
    test = await createTestDatabase();
    database = createDatabase({ url: test.url, applicationName: 'test', poolSize: 10 });
  });
  afterAll(async () => {
    await database.close();
    await test.drop();
  });

  const make = async (leftSeconds: number | null = null) => {
    const uuid = randomUUID();
    await database.pool.query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
    await database.pool.query(
      `INSERT INTO broker_accounts (client_uuid, password_sealed, suspended_until)
       VALUES ($1, 'x', clock_timestamp() + make_interval(secs => $2::int))`,
      [uuid, leftSeconds],
    );
    return uuid;
  };
  const suspendBy = async (count: number, clientUuid: string) => {
    lines.length = 0;
    const suspend = createSuspension({ db: database.pool, logger, metrics });
    await Promise.all(
      Array.from({ length: count }, () => suspend({ clientUuid, refused: 2001, refusedBytes: 1 })),
    );
    return lines.length;
  };
  const leftSeconds = async (uuid: string) =>
    (
      await database.pool.query<{ left: number }>(
        `SELECT extract(epoch FROM suspended_until - clock_timestamp())::float8 AS left
         FROM broker_accounts WHERE client_uuid = $1`,
        [uuid],
      )
    ).rows[0]?.left ?? 0;

  it('is written once, however many lanes and replicas see the flood', async () => {
    expect(await suspendBy(20, await make())).toBe(1);
  });

  it('is made longer by a flood that goes on, when half of it is over', async () => {
    const [early, late, over] = [await make(35), await make(25), await make(-10)];
    expect(await suspendBy(5, early)).toBe(0);
    expect(await leftSeconds(early)).toBeLessThan(36);
    for (const uuid of [late, over]) {
      expect(await suspendBy(5, uuid)).toBe(1);
      expect(await leftSeconds(uuid)).toBeGreaterThan(55);
    }
  });

  it('leaves who has no account as it is, and throws nothing when the database is away', async () => {
    expect(await suspendBy(1, randomUUID())).toBe(0);
    const gone = createDatabase({
      url: 'postgresql://nobody@127.0.0.1:1/none',
      applicationName: 'test',
      poolSize: 1,
    });
    const suspend = createSuspension({ db: gone.pool, logger, metrics });
    await suspend({ clientUuid: randomUUID(), refused: 2001, refusedBytes: 1 });
    expect(lines).toEqual(['a client floods, and its account could not be suspended']);
    await gone.close();
  });
});
