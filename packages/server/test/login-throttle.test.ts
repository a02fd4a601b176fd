import { createDatabase } from '@infoscreen/prisma';
import { createLoginLimits, createPasswordHasher, type PasswordHasher } from '@infoscreen/server';
import { freePort } from '@infoscreen/test-kit';
import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { logIn as logInWith } from '../src/auth/log-in.ts';
import { type ApiServer, api } from './api-client.ts';
import { addUser, appSettings, hasher, logIn, PASSWORD, useServer } from './server-fixture.ts';

const EVERYWHERE = 6;
const loginLimits = { ...appSettings.loginLimits, perAccount: 3, perAccountEverywhere: EVERYWHERE };
const server = useServer({ trustProxy: true, loginLimits });
const sql = (text: string, values: unknown[] = []) => server.database.pool.query(text, values);

/** A log-in that comes from this address. */
const from = (ip: string, { username = 'target', password = 'wrong', app = server.api as ApiServer } = {}) =>
  api(app).post('/api/auth/login', { body: { username, password }, headers: { 'x-forwarded-for': ip } });
/** Addresses that nobody knows, each with one guess at the account. */
const guess = (count: number, username = 'target') =>
  Promise.all(Array.from({ length: count }, (_, index) => from(`198.51.100.${index}`, { username })));
const endWindow = () => sql('UPDATE rate_limits SET expire = 0');

beforeAll(() => addUser(server.database, { username: 'target', role: 'viewer' }));
beforeEach(async () => {
  await sql('DELETE FROM rate_limits');
  await sql('DELETE FROM known_login_addresses');
});

describe('guesses at one account from many addresses', () => {
  it('are stopped together, on all replicas, and say how long', async () => {
    const other = server.replica();
    const answers = await Promise.all(
      Array.from({ length: 15 }, (_, index) =>
        from(`198.51.100.${index}`, { app: index % 2 === 0 ? server.api : other }),
      ),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(EVERYWHERE);
    for (const { status, body, headers } of answers.filter((answer) => answer.status !== 401)) {
      expect([status, body.code]).toEqual([429, 'too_many_attempts']);
      expect(Number(headers['retry-after'])).toBeGreaterThan(800);
    }
  });

  it('are stopped in the same way for a user that there isn’t', async () => {
    const statuses = (await guess(EVERYWHERE + 2, 'nobody')).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  });

  it('hold up the right password from a new address, for no longer than the window', async () => {
    await guess(EVERYWHERE);
    expect((await from('203.0.113.1', { password: PASSWORD })).status).toBe(429);
    await endWindow();
    expect((await from('203.0.113.1', { password: PASSWORD })).status).toBe(200);
  });

  it('lock nobody out from where they have logged in, and those log-ins don’t count', async () => {
    expect((await from('203.0.113.2', { password: PASSWORD })).status).toBe(200);
    await guess(EVERYWHERE);
    expect((await from('203.0.113.3', { password: PASSWORD })).status).toBe(429);
    for (let count = 0; count < EVERYWHERE; count += 1)
      expect((await from('203.0.113.2', { password: PASSWORD })).status).toBe(200);
  });

  it('are still limited at a known address, by the limit for the account there', async () => {
    await from('203.0.113.2', { password: PASSWORD });
    for (let count = 0; count < 3; count += 1) expect((await from('203.0.113.2')).status).toBe(401);
    expect((await from('203.0.113.2', { password: PASSWORD })).status).toBe(429);
  });

  it('count where the log-in from there is a month old, by the clock of the database', async () => {
    await from('203.0.113.2', { password: PASSWORD });
    await sql("UPDATE known_login_addresses SET last_login_at = now() - interval '30 days'");
    await guess(EVERYWHERE);
    expect((await from('203.0.113.2', { password: PASSWORD })).status).toBe(429);
  });

  it('count where another user is known from there', async () => {
    await from('203.0.113.2', { username: 'viewer', password: PASSWORD });
    await guess(EVERYWHERE);
    expect((await from('203.0.113.2', { password: PASSWORD })).status).toBe(429);
  });

  it('leave other accounts alone', async () => {
    await guess(EVERYWHERE + 1);
    expect((await from('198.51.100.1', { username: 'viewer', password: PASSWORD })).status).toBe(200);
  });

  it('are given back by a log-in that succeeds, but only its own', async () => {
    await guess(EVERYWHERE - 1);
    expect((await from('203.0.113.4', { password: PASSWORD })).status).toBe(200);
    expect((await from('203.0.113.5')).status).toBe(401);
    expect((await from('203.0.113.6')).status).toBe(429);
  });
});

describe('the current password of a change', () => {
  it('counts as a log-in does', async () => {
    await addUser(server.database, { username: 'tried', role: 'viewer' });
    const session = await logIn(server.api, 'tried');
    const change = (ip: string, current: string) =>
      session.post('/api/auth/change-password', {
        body: { current_password: current, new_password: 'another correct horse' },
        headers: { 'x-forwarded-for': ip },
      });
    for (let count = 0; count < 3; count += 1)
      expect((await change('203.0.113.7', 'wrong')).status).toBe(401);
    const { status, headers } = await change('203.0.113.7', PASSWORD);
    expect([status, Number(headers['retry-after']) > 800]).toEqual([429, true]);
    await guess(EVERYWHERE - 3, 'tried');
    expect((await change('203.0.113.8', PASSWORD)).status).toBe(429);
  });
});

describe('a log-in that cannot be counted', () => {
  const compared: string[] = [];
  const noting: PasswordHasher = {
    ...hasher,
    matches: (password, hash) => {
      compared.push(password);
      return hasher.matches(password, hash);
    },
  };

  it('is a 503 without a look at its password: the limits fail closed', async () => {
    const app = server.replica({}, { hasher: noting });
    const client = await server.database.pool.connect();
    await client.query('BEGIN; LOCK TABLE rate_limits IN ACCESS EXCLUSIVE MODE');
    const { status, body, headers } = await from('203.0.113.9', { password: PASSWORD, app });
    await client.query('ROLLBACK');
    client.release();
    expect([status, body.code, compared]).toEqual([503, 'unavailable', []]);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    expect((await from('203.0.113.9', { password: PASSWORD, app })).status).toBe(200);
    expect(compared.splice(0)).toHaveLength(1);
  });

  it('gets no further where the database is away', async () => {
    const url = `postgresql://nobody@127.0.0.1:${await freePort()}/none`;
    const away = createDatabase({ url, applicationName: 'away', poolSize: 2 });
    const { prisma } = server.database;
    const limits = createLoginLimits(away, loginLimits);
    const attempt = { username: 'target', password: PASSWORD, ip: '203.0.113.9' };
    const deps = { pool: server.database.pool, prisma, hasher: noting, limits };
    await expect(logInWith(deps, attempt)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await away.close();
    expect(compared).toEqual([]);
  });
});

describe('the time of a log-in that fails', () => {
  const SAMPLES = 7;
  /** Of this process, in ms: unlike the time by the clock it doesn't depend on what else the machine does. */
  const processorTime = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;
  const least = (values: readonly number[] = []) => Math.min(...values);

  it('doesn’t tell an unknown user, a disabled one, a wrong password and one that is too long apart', async () => {
    // Dear enough that one comparison more or less outweighs everything else that a request does.
    const dear = createPasswordHasher({ cost: 10 });
    const app = server.replica(
      { loginLimits: { ...loginLimits, perAccount: 1000, perAccountEverywhere: 1000 } },
      { hasher: dear },
    );
    const passwordHash = await dear.hash(PASSWORD);
    for (const username of ['timed', 'timed-out'])
      await server.database.prisma.user.create({
        data: {
          username,
          role: 'viewer',
          passwordHash,
          disabledAt: username === 'timed-out' ? new Date() : null,
        },
      });
    const kinds = {
      wrong: { username: 'timed', password: 'wrong password' },
      unknown: { username: 'nobody-at-all', password: PASSWORD },
      disabled: { username: 'timed-out', password: PASSWORD },
      long: { username: 'timed', password: 'x'.repeat(900) },
    };
    const times = new Map<string, number[]>();
    for (let sample = -1; sample < SAMPLES; sample += 1) {
      for (const [kind, attempt] of Object.entries(kinds)) {
        const before = processorTime();
        expect((await from('203.0.113.10', { ...attempt, app })).status).toBe(401);
        if (sample >= 0) times.set(kind, [...(times.get(kind) ?? []), processorTime() - before]);
      }
    }
    const wrong = least(times.get('wrong'));
    for (const kind of Object.keys(kinds)) {
      const ratio = least(times.get(kind)) / wrong;
      expect(ratio).toBeGreaterThan(0.6);
      expect(ratio).toBeLessThan(1.6);
    }
  });
});
