import {
  createTestDatabase,
  FIRST_ADMIN,
  type FleetProcess,
  serviceSettings,
  startReplica,
  startTestBroker,
  type TestBroker,
  type TestDatabase,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

/** As docs/configuration.md has them. */
const LIMITS = { perAccount: 10, perAddress: 50, perAccountEverywhere: 100 };

describe('passwords that are guessed at two servers at the same time', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let pool: pg.Pool;
  let servers: readonly FleetProcess[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    broker = await startTestBroker({ kind: 'embedded' });
    pool = new pg.Pool({ connectionString: database.ownerUrl, max: 1 });
    const settings = { ...serviceSettings(database.url, broker), TRUST_PROXY: 'loopback' };
    servers = [
      await startReplica('server', { ...settings, INSTANCE_ID: 'server-0' }),
      await startReplica('server', { ...settings, INSTANCE_ID: 'server-1' }),
    ];
  });
  afterAll(async () => {
    for (const { process } of servers) await process.stop();
    await pool.end();
    await broker.stop();
    await database.drop();
  });
  beforeEach(() => pool.query('TRUNCATE rate_limits, known_login_addresses'));

  interface Guess {
    readonly username?: string;
    readonly password?: string;
    readonly ip?: string;
  }
  const logIn = async (
    nth: number,
    { username = FIRST_ADMIN.username, password = 'wrong', ip = '203.0.113.1' }: Guess,
  ) => {
    const response = await fetch(`${servers[nth % servers.length]?.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': ip },
      body: JSON.stringify({ username, password }),
    });
    await response.arrayBuffer();
    return { status: response.status, retryAfter: Number(response.headers.get('retry-after')) };
  };
  const rightPassword = (ip?: string) => ({
    password: FIRST_ADMIN.password,
    ...(ip === undefined ? {} : { ip }),
  });

  /** So many at once, half of them at each server; the ones that were looked at, and the rest. */
  const guess = async (count: number, nth: (index: number) => Guess) => {
    const answers = await Promise.all(Array.from({ length: count }, (_, index) => logIn(index, nth(index))));
    const tried = answers.filter(({ status }) => status === 401);
    const refused = answers.filter(({ status }) => status !== 401);
    for (const { status, retryAfter } of refused) {
      expect(status).toBe(429);
      expect(retryAfter).toBeGreaterThan(800);
      expect(retryAfter).toBeLessThanOrEqual(900);
    }
    return tried.length;
  };

  it('are looked at ten times for one account from one address; the right one waits for the window too', async () => {
    expect(await guess(45, () => ({}))).toBe(LIMITS.perAccount);
    for (const nth of [0, 1]) expect((await logIn(nth, rightPassword())).status).toBe(429);
    await pool.query('UPDATE rate_limits SET expire = 0');
    for (const nth of [0, 1]) expect((await logIn(nth, rightPassword())).status).toBe(200);
  });

  it('are looked at fifty times from one address, whatever the account', async () => {
    expect(await guess(90, (index) => ({ username: `user-${index}` }))).toBe(LIMITS.perAddress);
    expect((await logIn(0, rightPassword())).status).toBe(429);
    expect((await logIn(0, rightPassword('203.0.113.2'))).status).toBe(200);
  });

  it('are looked at a hundred times for one account from everywhere, and its user comes in from the usual place', async () => {
    expect((await logIn(0, rightPassword('203.0.113.3'))).status).toBe(200);
    expect(await guess(160, (index) => ({ ip: `198.51.100.${index}` }))).toBe(LIMITS.perAccountEverywhere);
    expect((await logIn(1, rightPassword('203.0.113.4'))).status).toBe(429);
    expect((await logIn(1, rightPassword('203.0.113.3'))).status).toBe(200);
    await pool.query('UPDATE rate_limits SET expire = 0');
    expect((await logIn(1, rightPassword('203.0.113.4'))).status).toBe(200);
  });
});
