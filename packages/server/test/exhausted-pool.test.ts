import { afterEach, describe, expect, it } from '@jest/globals';
import { useServer } from './server-fixture.ts';

/** As many as the fixture's pool has. */
const CONNECTIONS = 10;

describe('while every connection to the database is lent out', () => {
  const server = useServer();
  let giveBack: () => void = () => undefined;
  afterEach(() => giveBack());

  async function lendAll(): Promise<void> {
    const lent = await Promise.all(Array.from({ length: CONNECTIONS }, () => server.database.pool.connect()));
    giveBack = () => {
      for (const client of lent.splice(0)) client.release();
    };
  }

  it('a request is a 503 that says when to come again, after 3 s and not never, for pg and Prisma', async () => {
    const viewer = server.as('viewer');
    await lendAll();
    const askedAt = performance.now();
    const [read, login] = await Promise.all([
      viewer.get('/api/clients'),
      server.anonymous.post('/api/auth/login', {
        body: { username: 'nobody', password: 'a wrong password' },
      }),
    ]);
    const seconds = (performance.now() - askedAt) / 1000;
    for (const { status, body, headers } of [read, login])
      expect([status, body.code, headers['retry-after']]).toEqual([503, 'unavailable', '5']);
    expect(read.body.detail).toBe('The database is too busy.');
    expect(seconds).toBeGreaterThan(2.5);
    expect(seconds).toBeLessThan(15);
  });

  it('the process still says that it lives, and goes on as soon as one is given back', async () => {
    await lendAll();
    expect((await server.anonymous.get('/healthz')).status).toBe(200);
    const waiting = server.as('viewer').get('/api/clients');
    giveBack();
    expect((await waiting).status).toBe(200);
  });
});
