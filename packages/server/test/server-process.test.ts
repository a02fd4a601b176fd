import { randomUUID } from 'node:crypto';
import { createDatabase } from '@infoscreen/prisma';
import {
  createTestDatabase,
  eventually,
  freePort,
  type ServiceProcess,
  serviceSettings,
  startProcess,
  startTestBroker,
  type TestBroker,
  type TestDatabase,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readEvents } from './event-reader.ts';
import { addUser, PASSWORD as USER_PASSWORD } from './server-fixture.ts';

const PASSWORD = 'the first password';
const BOOTSTRAP = 'packages/server/dist/bootstrap-admin-main.js';

describe('the server process', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let env: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    broker = await startTestBroker({ kind: 'embedded' });
    // No superadmin, but where a test asks for one.
    const {
      ADMIN_USERNAME: _username,
      ADMIN_PASSWORD: _password,
      ...settings
    } = serviceSettings(database.url, broker);
    env = { ...settings, PORT: String(await freePort()) };
  });
  afterAll(async () => {
    await broker.stop();
    await database.drop();
  });
  const start = (more: Record<string, string> = {}) => {
    const url = `http://127.0.0.1:${env['PORT']}`;
    return startProcess({
      entry: 'packages/server/dist/main.js',
      env: { ...env, ...more },
      readyUrl: `${url}/readyz`,
    });
  };
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${env['PORT']}${path}`)).status;
  const logIn = (password: string | undefined) =>
    fetch(`http://127.0.0.1:${env['PORT']}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password }),
    });
  const runOnce = async (entry: string, settings: Record<string, string>, args: string[] = []) => {
    const ended: ServiceProcess = await startProcess({ entry, env: settings, args });
    return { ...(await ended.ended), logs: ended.logs };
  };

  it('refuses to start with all that is wrong with its settings, and exit code 1', async () => {
    const { code, logs } = await runOnce('packages/server/dist/main.js', {
      ...env,
      SESSION_SECRET: 'changeme',
      PORT: 'x',
      MQTT_ADMIN_PASSWORD: '',
    });
    expect(code).toBe(1);
    for (const name of ['SESSION_SECRET', 'PORT', 'MQTT_ADMIN_PASSWORD'])
      expect(logs.join('\n')).toContain(`${name}:`);
  });

  it('refuses to start, or to be set up, with a first password that is easy to guess', async () => {
    const weak = { ...env, ADMIN_PASSWORD: 'Infoscreen2024' };
    for (const entry of ['main.js', 'bootstrap-admin-main.js']) {
      const { code, logs } = await runOnce(`packages/server/dist/${entry}`, weak);
      expect(code).toBe(1);
      expect(logs.join('\n')).toMatch(/ADMIN_PASSWORD: is too easy to guess .*choose one/);
      expect(logs.join('\n')).not.toContain('Infoscreen2024');
    }
  });

  it('warns that there is no user, serves all the same, and stops in order', async () => {
    const server = await start();
    expect(server.logRecords()).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringMatching(/^there is no user yet/) }),
    );
    expect(await status('/api/clients')).toBe(401);
    await eventually(() =>
      server.logRecords().some(({ message }) => message === 'broker account of the services written'),
    );
    expect(await server.stop()).toBe(0);
    const look = createDatabase({ url: database.url, applicationName: 'look', poolSize: 2 });
    const { rows } = await look.pool.query(
      'SELECT service, stopped_at IS NOT NULL AS stopped FROM service_instances',
    );
    await look.close();
    expect(rows).toEqual([{ service: 'server', stopped: true }]);
  });

  it('gets its first superadmin by hand, with a made password that is printed once', async () => {
    const bootstrap = (...args: string[]) =>
      runOnce(BOOTSTRAP, { DATABASE_URL: database.url, PASSWORD_HASH_COST: '4' }, args);
    const made = JSON.parse((await bootstrap('--must-change=false')).logs.join('')) as Record<string, string>;
    expect(made).toMatchObject({ outcome: 'created', username: 'admin' });
    expect(JSON.parse((await bootstrap()).logs.join(''))).toEqual({
      outcome: 'users_exist',
      username: 'admin',
    });
    const server = await start({ ADMIN_PASSWORD: PASSWORD });
    const answer = await logIn(made['password']);
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { user: { must_change_password: false } },
    ]);
    expect((await logIn(PASSWORD)).status).toBe(401);
    expect(server.logs.join('\n')).not.toContain(made['password']);
    await server.stop();
  });

  it('tells live events, and ends their streams in order when it stops', async () => {
    const server = await start();
    const url = `http://127.0.0.1:${env['PORT']}`;
    const look = createDatabase({ url: database.url, applicationName: 'look', poolSize: 2 });
    await addUser(look, { username: 'watcher', role: 'viewer' });
    const answer = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'watcher', password: USER_PASSWORD }),
    });
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
    const reader = await readEvents(`${url}/api/events`, { cookie });
    const uuid = randomUUID();
    await look.pool.query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
    await reader.sees('client', { uuid });
    await look.close();
    expect(await server.stop()).toBe(0);
    // A stream that the drain had to cut would be incomplete.
    expect([reader.hasEnded(), reader.response.complete]).toEqual([true, true]);
  });

  it('made by hand in the usual way, has its first password changed by scripts/validate-restart', async () => {
    const fresh = await createTestDatabase();
    const bootstrap = { DATABASE_URL: fresh.url, PASSWORD_HASH_COST: '4' };
    const made = JSON.parse((await runOnce(BOOTSTRAP, bootstrap)).logs.join('')) as Record<string, string>;
    const server = await start({ DATABASE_URL: fresh.url });
    const newPassword = 'what the operator chose';
    const check = await startProcess({
      entry: 'scripts/validate-restart.d/main.mjs',
      args: ['--change-password'],
      env: {
        BASE_URL: `http://127.0.0.1:${env['PORT']}`,
        ADMIN_USERNAME: 'admin',
        ADMIN_PASSWORD: made['password'] ?? '',
        NEW_ADMIN_PASSWORD: newPassword,
        MQTT_HOST: broker.host,
        MQTT_PORT: String(broker.port),
        MQTT_USER: broker.service.username,
        MQTT_PASSWORD: broker.service.password,
      },
      // What comes after needs the other services, and a screen.
      readyLine: /^(PASS|FAIL) {2}2\. /,
    });
    await check.kill('SIGTERM');
    await check.ended;
    expect(check.logs).toContain(
      'PASS  2. An admin logs in, and the cookie is enough from then on: admin, superadmin',
    );
    const answers = [await logIn(newPassword), await logIn(made['password'])];
    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
    expect(await answers[0]?.json()).toMatchObject({ user: { must_change_password: false } });
    await server.stop();
    await fresh.drop();
  });
});
