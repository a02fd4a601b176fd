import {
  availableBrokers,
  createTestDatabase,
  eventually,
  startProcess,
  startTestBroker,
  type TestDatabase,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';

describe('a test database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });

  test('has every migration applied and nothing in it', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    expect((await client.query('SELECT count(*)::int AS count FROM clients')).rows).toEqual([{ count: 0 }]);
    await client.end();
  });

  test('is a copy of its own for each caller', async () => {
    const other = await createTestDatabase();
    expect(other.url).not.toBe(database.url);
    await other.drop();
  });

  test('fails the test that left a connection open, and is removed all the same', async () => {
    const leaky = await createTestDatabase();
    const client = new pg.Client({ connectionString: leaky.url, application_name: 'leak' });
    client.on('error', () => {});
    await client.connect();
    await expect(leaky.drop()).rejects.toThrow('"leak"');
    await expect(new pg.Client({ connectionString: leaky.url }).connect()).rejects.toMatchObject({
      code: '3D000',
    });
  });
});

describe.each(availableBrokers())('a test broker (%s)', (kind) => {
  test('comes back after a kill -9 with its accounts', async () => {
    const broker = await startTestBroker({ kind });
    const before = await broker.connectService({ clientId: 'before' });
    await broker.kill('SIGKILL');
    await before.closed();
    await broker.restart();
    const after = await broker.connectService({ clientId: 'after' });
    await after.subscribe('infoscreen/#');
    await after.publish('infoscreen/_canary/me', { n: 1 });
    expect((await after.waitFor(({ topic }) => topic.endsWith('/me'))).json).toEqual({ n: 1 });
    await after.end();
    await broker.stop();
  });
});

describe('a process under test', () => {
  const entry = 'packages/local-stack/dist/broker/embedded-broker/main.js';

  test('that ends before it is ready is an error with its output', async () => {
    const start = startProcess({ entry, env: { EMBEDDED_BROKER_PORT: 'none' }, readyLine: /ready/ });
    await expect(start).rejects.toThrow('EMBEDDED_BROKER_PORT');
  });
});

describe('eventually', () => {
  test('gives the first value that counts, also after errors', async () => {
    let calls = 0;
    const check = () => {
      calls += 1;
      if (calls === 1) throw new Error('not yet');
      return calls > 2 && 'done';
    };
    expect(await eventually(check, { intervalMs: 1 })).toBe('done');
  });

  test('fails at its deadline with the last error as cause', async () => {
    const check = () => {
      throw new Error('never');
    };
    await expect(
      eventually(check, { deadlineMs: 10, intervalMs: 1, what: 'a wonder' }),
    ).rejects.toMatchObject({
      message: 'Not within 10 ms: a wonder',
      cause: { message: 'never' },
    });
  });
});
