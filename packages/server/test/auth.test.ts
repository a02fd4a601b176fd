import { describe, expect, it } from '@jest/globals';
import { api } from './api-client.ts';
import { addUser, appSettings, logIn, PASSWORD, useServer } from './server-fixture.ts';

const server = useServer();
const attempt = (username: string, password: string, other = server.api) =>
  api(other).post('/api/auth/login', { body: { username, password } });
const NEW_PASSWORD = 'another correct horse';

describe('a log-in', () => {
  it('answers the user and sets a cookie that scripts and other sites cannot use', async () => {
    const { status, body, headers } = await attempt('viewer', PASSWORD);
    expect([status, body.user.username, body.user.role]).toEqual([200, 'viewer', 'viewer']);
    const [cookie = ''] = headers['set-cookie'] as unknown as string[];
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).not.toMatch(/Secure/);
  });

  it('takes the user name as people type it', async () => {
    expect((await attempt('  Viewer ', PASSWORD)).status).toBe(200);
  });

  it('answers the same for an unknown user, a wrong password, a disabled user and a password over 72 bytes', async () => {
    const long = 'x'.repeat(72);
    await addUser(server.database, { username: 'long', role: 'viewer', password: long });
    const gone = await addUser(server.database, { username: 'gone', role: 'viewer' });
    await server.database.prisma.user.update({ where: { id: gone.id }, data: { disabledAt: new Date() } });
    const answers = [
      await attempt('nobody', PASSWORD),
      await attempt('viewer', 'wrong password'),
      await attempt('gone', PASSWORD),
      await attempt('long', `${long}y`),
    ];
    const shown = answers.map(({ status, body: { request_id: _id, ...body } }) => [status, body]);
    expect(shown[0]).toMatchObject([401, { code: 'invalid_credentials' }]);
    for (const answer of shown) expect(answer).toEqual(shown[0]);
    expect((await attempt('long', long)).status).toBe(200);
  });

  it('begins a session under a new id', async () => {
    const before = await logIn(server.api, 'viewer');
    const again = await api(server.api, before.cookie).post('/api/auth/login', {
      body: { username: 'viewer', password: PASSWORD },
    });
    expect(again.get('Set-Cookie')?.[0]).toBeDefined();
    expect((await before.get('/api/auth/me')).status).toBe(401);
  });
});

describe('log-ins that fail', () => {
  it('are stopped for one user name from one address, and say how long', async () => {
    for (let tries = 0; tries < 5; tries += 1) expect((await attempt('victim', 'wrong')).status).toBe(401);
    const { status, body, headers } = await attempt('victim', 'wrong');
    expect([status, body.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(800);
    expect((await attempt('viewer', PASSWORD)).status).toBe(200);
  });

  it('count on every replica, and parallel ones too', async () => {
    const other = server.replica();
    const tries = Array.from({ length: 12 }, (_, index) =>
      attempt('raced', 'wrong', index % 2 === 0 ? server.api : other),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  it('are stopped for one address, whatever the user name', async () => {
    const strict = server.replica({
      loginLimits: { ...appSettings.loginLimits, perAddress: 3 },
      trustProxy: true,
    });
    const from = (ip: string, username: string) =>
      api(strict).post('/api/auth/login', {
        body: { username, password: 'wrong' },
        headers: { 'x-forwarded-for': ip },
      });
    for (const name of ['a1', 'a2', 'a3']) expect((await from('2001:db8:1:2::1', name)).status).toBe(401);
    expect((await from('2001:db8:1:2:ffff::9', 'a4')).status).toBe(429);
    expect((await from('2001:db8:1:3::1', 'a4')).status).toBe(401);
  });

  it('are forgotten with one that succeeds', async () => {
    await addUser(server.database, { username: 'clumsy', role: 'viewer' });
    for (let tries = 0; tries < 4; tries += 1) await attempt('clumsy', 'wrong');
    expect((await attempt('clumsy', PASSWORD)).status).toBe(200);
    expect((await attempt('clumsy', 'wrong')).status).toBe(401);
  });
});

describe('a session', () => {
  it('ends with a log-out, also for a request under way with the same cookie', async () => {
    const session = await logIn(server.api, 'viewer');
    expect((await session.post('/api/auth/logout')).status).toBe(204);
    expect((await session.get('/api/auth/me')).status).toBe(401);
  });

  it('ends when it is not used, and after its whole life', async () => {
    const session = await logIn(server.api, 'viewer');
    await server.database.pool.query("UPDATE user_sessions SET expire = now() - interval '1 second'");
    expect((await session.get('/api/auth/me')).status).toBe(401);
    const old = await logIn(server.api, 'viewer');
    const shortLived = server.replica({
      session: { secret: 'x'.repeat(32), cookieSecure: 'auto', idleSeconds: 3600, absoluteSeconds: 0 },
    });
    expect((await api(shortLived, old.cookie).get('/api/auth/me')).status).toBe(401);
  });

  it('is open on every replica', async () => {
    const session = await logIn(server.api, 'viewer');
    expect((await api(server.replica(), session.cookie).get('/api/auth/me')).body.user.username).toBe(
      'viewer',
    );
  });

  it('with a forged cookie is none', async () => {
    expect((await api(server.api, 'infoscreen.sid=s%3Aabc.def').get('/api/auth/me')).status).toBe(401);
  });
});

describe('changing the password', () => {
  it('needs the current one, ends the other sessions and keeps this one', async () => {
    await addUser(server.database, { username: 'changer', role: 'viewer' });
    const [session, other] = [await logIn(server.api, 'changer'), await logIn(server.api, 'changer')];
    const change = (current: string, next: string) =>
      session.post('/api/auth/change-password', { body: { current_password: current, new_password: next } });
    expect((await change('wrong', NEW_PASSWORD)).body.code).toBe('invalid_credentials');
    expect((await change(PASSWORD, 'short')).body.errors).toMatchObject([
      { in: 'body', path: 'new_password' },
    ]);
    expect((await change(PASSWORD, PASSWORD)).body.errors).toMatchObject([{ path: 'new_password' }]);
    const changed = await change(PASSWORD, NEW_PASSWORD);
    expect(changed.status).toBe(200);
    expect((await other.get('/api/auth/me')).status).toBe(401);
    const renewed = api(server.api, changed.get('Set-Cookie')?.[0]?.split(';')[0]);
    expect((await renewed.get('/api/auth/me')).status).toBe(200);
    expect((await attempt('changer', PASSWORD)).status).toBe(401);
    expect((await attempt('changer', NEW_PASSWORD)).status).toBe(200);
  });

  it('comes first for a user who has to', async () => {
    await addUser(server.database, { username: 'fresh', role: 'superadmin', mustChangePassword: true });
    const session = await logIn(server.api, 'fresh');
    expect((await session.get('/api/clients')).body.code).toBe('password_change_required');
    expect((await session.get('/api/auth/me')).body.user.must_change_password).toBe(true);
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    const changed = await session.post('/api/auth/change-password', { body });
    const renewed = api(server.api, changed.get('Set-Cookie')?.[0]?.split(';')[0]);
    expect((await renewed.get('/api/clients')).status).toBe(200);
  });
});
