import { randomUUID } from 'node:crypto';
import { deviceTopic, SERVICE_NAMES } from '@infoscreen/shared-types';
import { connectMqtt, eventually, startProcess } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BehindProxies, type StartedService, startBehindProxies } from './behind-proxies.ts';
import { addTables, Leavings } from './leavings.ts';
import { PlantedSecrets } from './planted-secrets.ts';
import { SecretUsingPerson } from './secret-using-person.ts';

const DEBUG = { LOG_LEVEL: 'debug', LOG_FORMAT: 'json' };
/** Stands in logs and in the audit log on purpose: it shows that the search finds what is there. */
const MARKER = `marker-${randomUUID()}`;

const secrets = new PlantedSecrets();
const leavings = new Leavings();
const adminPassword = secrets.plant('ADMIN_PASSWORD');
const settings = {
  ...DEBUG,
  SESSION_SECRET: secrets.plant('SESSION_SECRET', 48),
  CREDENTIALS_KEY: secrets.plant('CREDENTIALS_KEY', 48),
  ADMIN_PASSWORD: adminPassword,
};

let behind: BehindProxies;
let services: StartedService[];
let admin: SecretUsingPerson;

beforeAll(async () => {
  behind = await startBehindProxies();
  secrets.add('password of DATABASE_URL', databaseUrl().password);
  secrets.add('MQTT_PASSWORD', behind.testBroker.service.password);
  secrets.add('MQTT_ADMIN_PASSWORD', behind.testBroker.admin.password);
  services = [];
  for (const name of SERVICE_NAMES) services.push(await behind.start(name, settings));
  admin = new SecretUsingPerson(services[0]?.url ?? '', secrets, leavings);
}, 90_000);
afterAll(() => behind?.stop());

const databaseUrl = () => {
  const url = new URL(behind.pool.options.connectionString ?? '');
  url.port = String(behind.database.proxy.port);
  return url;
};
const ready = () =>
  eventually(
    async () =>
      (await Promise.all(services.map(async ({ url }) => (await fetch(`${url}/readyz`)).ok))).every(Boolean),
    { deadlineMs: 40_000, what: 'all services are ready again' },
  );

/** Runs a program that can't start, and keeps what it says. */
async function failToStart(entry: string, env: Readonly<Record<string, string>>): Promise<void> {
  const process = await startProcess({ entry, env: { ...DEBUG, ...env } });
  expect((await process.ended).code).toBe(1);
  expect(process.logs.length).toBeGreaterThan(0);
  leavings.add(`start of ${entry}`, process.logs.join('\n'));
}

async function logInWrongly(): Promise<void> {
  const stranger = new SecretUsingPerson(services[0]?.url ?? '', secrets, leavings);
  await stranger.logIn('admin', secrets.plant('wrong password'));
  await stranger.logIn('nobody', secrets.plant('password of nobody'));
  // A password typed into the wrong field looks like a user name often enough.
  await stranger.logIn(secrets.plant('password as user name').toLowerCase(), 'x');
  await stranger.logIn(`${secrets.plant('password with signs as user name')}!§ `, 'x');
  await stranger.call('POST', '/api/auth/login', {
    rawBody: `{"username":"admin","password":"${secrets.plant('password in broken JSON')}`,
  });
  await stranger.call('POST', '/api/auth/login', {
    body: {
      username: { $ne: secrets.plant('password in an object') },
      password: [secrets.plant('in a list')],
    },
  });
  await stranger.call('POST', '/api/auth/login', {
    rawBody: `username=admin&password=${secrets.plant('password in a form')}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const basic = Buffer.from(`admin:${secrets.plant('password of Basic')}`).toString('base64');
  await stranger.call('GET', '/api/clients', { headers: { authorization: `Basic ${basic}` } });
  await stranger.call('POST', '/api/clients', {
    headers: { authorization: `Bearer ${secrets.plant('Bearer of nonsense')}` },
    body: {},
  });
  const cookie = `infoscreen.sid=s%3A${secrets.plant('forged session')}.${secrets.plant('forged signature')}`;
  await stranger.call('GET', '/api/auth/me', { headers: { cookie } });
  for (const path of ['/api/clients', '/nowhere', '/api/auth/login'])
    await stranger.call('GET', `${path}?password=${secrets.plant('password in a query')}`);
  await stranger.call('POST', '/api/enroll', { body: { token: secrets.plant('wrong enrolment token') } });
}

async function workWithSecrets(): Promise<{ readonly uuid: string; readonly password: string }> {
  expect((await admin.logIn('admin', adminPassword)).status).toBe(200);
  await admin.call('GET', `/api/clients?text=x&password=${secrets.plant('password in a query, logged in')}`);
  const own = secrets.plant('password of a new user');
  await admin.call('POST', '/api/users', { body: { username: MARKER, role: 'admin', password: own } });
  const person = new SecretUsingPerson(services[0]?.url ?? '', secrets, leavings);
  await person.logIn(MARKER, own);
  const changed = secrets.plant('changed password');
  await person.call('POST', '/api/auth/change-password', {
    body: { current_password: secrets.plant('wrong current password'), new_password: changed },
  });
  await person.call('POST', '/api/auth/change-password', {
    body: { current_password: own, new_password: changed },
  });
  await person.call('POST', '/api/auth/change-password', {
    body: {
      current_password: changed,
      new_password: `${secrets.plant('too long a password')}${'x'.repeat(80)}`,
    },
  });
  const made = await admin.call('POST', '/api/users', {
    body: { username: `made-${MARKER}`.slice(0, 40), role: 'viewer' },
    showsSecret: true,
  });
  secrets.add('made password', made.json.password);
  const reset = await admin.call('POST', `/api/users/${made.json.user.id}/reset_password`, {
    showsSecret: true,
  });
  if (reset.status === 200) secrets.add('password of a reset', reset.json.password);
  const enrolment = await admin.call('POST', '/api/enrolment_tokens', {
    body: { uses: 2 },
    showsSecret: true,
  });
  const token = secrets.add('enrolment token', enrolment.json.token);
  const enrolled = await person.call('POST', '/api/enroll', { body: { token }, showsSecret: true });
  secrets.add('broker password of an enrolled screen', enrolled.json.mqtt.password);
  // The same answer again: what is kept for it must not be readable.
  const headers = { 'idempotency-key': randomUUID() };
  const first = await admin.call('POST', '/api/clients', { body: {}, headers, showsSecret: true });
  await admin.call('POST', '/api/clients', { body: {}, headers, showsSecret: true });
  secrets.add('first broker password of a screen', first.json.mqtt.password);
  const uuid = first.json.client.uuid as string;
  const rotated = await admin.call('POST', `/api/clients/${uuid}/rotate_credentials`, { showsSecret: true });
  const password = secrets.add('broker password of a screen', rotated.json.mqtt.password);
  await admin.call('POST', '/api/users', {
    rawBody: `{"username":"${MARKER}","role":"admin","password":"${secrets.plant('password of a double')}"`,
  });
  return { uuid, password };
}

/** A screen that says its own password wherever it can. */
async function sayOwnPassword({ uuid, password }: { readonly uuid: string; readonly password: string }) {
  const { port } = behind.testBroker;
  await connectMqtt({
    port,
    clientId: uuid,
    username: uuid,
    password: secrets.plant('wrong broker password'),
  }).catch(() => {});
  const screen = await eventually(
    async () => await connectMqtt({ port, clientId: uuid, username: uuid, password }).catch(() => undefined),
  );
  await screen?.publish(deviceTopic(uuid, 'service_failed'), `{"password":"${password}"`);
  await screen?.publish(deviceTopic(uuid, 'service_failed'), { unit: { password } });
  await screen?.publish(deviceTopic(uuid, 'discovery'), { uuid: password });
  await screen?.publish(deviceTopic(uuid, 'command_ack'), { command_id: password, status: password });
  await screen?.publish(deviceTopic(uuid, 'heartbeat'), { process_status: password });
  await screen?.publish(deviceTopic(uuid, 'health'), { metrics: password, [password]: password });
  await eventually(async () => {
    const { rows } = await behind.pool.query('SELECT FROM rejected_messages WHERE client_uuid = $1', [uuid]);
    return rows.length >= 5;
  });
  await screen?.end();
}

async function loseDatabaseAndBroker(): Promise<void> {
  await behind.database.goAway();
  await eventually(() => behind.database.tries() > 3, { deadlineMs: 30_000 });
  for (const path of ['/api/clients', '/api/auth/me', '/readyz']) await admin.call('GET', path);
  await admin.logIn('admin', secrets.plant('password while the database is away'));
  await behind.database.comeBack();
  await ready();
  await behind.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'infoscreen%' AND datname = current_database()",
  );
  await behind.broker.goAway();
  await eventually(() => behind.broker.tries() > 3, { deadlineMs: 30_000 });
  await admin.call('POST', '/api/clients', { body: {}, showsSecret: true }).then(({ json }) => {
    if (json.mqtt !== undefined) secrets.add('broker password, broker away', json.mqtt.password);
  });
  await behind.broker.comeBack();
  await ready();
}

async function startWithWrongSecrets(): Promise<void> {
  const badUrl = databaseUrl();
  badUrl.password = secrets.plant('wrong password of DATABASE_URL');
  const nowhere = databaseUrl();
  nowhere.port = '1';
  const broker = { host: behind.broker.proxy.host, port: String(behind.broker.proxy.port) };
  const common = {
    ...settings,
    DATABASE_URL: databaseUrl().href,
    MQTT_HOST: broker.host,
    MQTT_PORT: broker.port,
    MQTT_USER: behind.testBroker.service.username,
    MQTT_PASSWORD: behind.testBroker.service.password,
    MQTT_ADMIN_USER: behind.testBroker.admin.username,
    MQTT_ADMIN_PASSWORD: behind.testBroker.admin.password,
  };
  for (const name of SERVICE_NAMES) {
    const entry = `packages/${name}/dist/main.js`;
    await failToStart(entry, { ...common, DATABASE_URL: badUrl.href });
    await failToStart(entry, {
      ...common,
      DATABASE_URL: `not-a-url:${secrets.plant('DATABASE_URL that is none')}`,
      SESSION_SECRET: secrets.plant('short SESSION_SECRET', 20),
      CREDENTIALS_KEY: secrets.plant('short CREDENTIALS_KEY', 20),
      MQTT_ADMIN_PASSWORD: secrets.plant('short MQTT_ADMIN_PASSWORD', 12),
      ADMIN_PASSWORD: secrets.plant('short ADMIN_PASSWORD', 11),
      PORT: secrets.plant('a secret as PORT', 16),
      LOG_LEVEL: secrets.plant('a secret as LOG_LEVEL', 16),
      MQTT_PORT: secrets.plant('a secret as MQTT_PORT', 16),
      OPS_PORT: secrets.plant('a secret as OPS_PORT', 16),
    });
  }
  for (const entry of ['prisma/dist/migrate-main.js', 'packages/server/dist/bootstrap-admin-main.js'])
    await failToStart(entry, { ...settings, DATABASE_URL: badUrl.href });
  await failToStart('prisma/dist/migrate-main.js', {
    MIGRATION_DATABASE_URL: `postgresql://u:${secrets.plant('password of MIGRATION_DATABASE_URL')}@127.0.0.1:1/x`,
  });
  // One that the broker refuses goes on trying.
  const refused = await startProcess({
    entry: 'packages/listener/dist/main.js',
    env: { ...common, OPS_PORT: '0', MQTT_PASSWORD: secrets.plant('wrong MQTT_PASSWORD') },
    readyLine: /mqtt connection failed/,
  });
  await refused.stop();
  leavings.add('listener with a wrong MQTT_PASSWORD', refused.logs.join('\n'));
}

async function collect(): Promise<void> {
  for (const { url } of services) {
    leavings.add(`metrics of ${url}`, await (await fetch(`${url}/metrics`)).text());
  }
  await addTables(leavings, behind.pool);
  for (const [index, { process }] of services.entries()) {
    await process.stop();
    leavings.add(`log of ${SERVICE_NAMES[index]}`, process.logs.join('\n'));
  }
  leavings.add('log of the broker', behind.testBroker.log.join('\n'));
}

describe('after a full run with planted secrets', () => {
  it('none of them stands in a log, a metric, an error, the audit log or another table', async () => {
    await logInWrongly();
    const screen = await workWithSecrets();
    await sayOwnPassword(screen);
    await loseDatabaseAndBroker();
    await startWithWrongSecrets();
    await admin.call('GET', '/api/audit?limit=200');
    await admin.call('POST', '/api/auth/logout');
    await collect();

    expect(secrets.names.length).toBeGreaterThan(60);
    expect(leavings.found((text) => secrets.in(text))).toEqual([]);
    // What is to be found is found, so that the silence above means something.
    const marker = new PlantedSecrets();
    marker.add('marker', MARKER);
    const places = leavings.found((text) => marker.in(text)).map((line) => line.split(':')[0]);
    expect(places).toEqual(
      expect.arrayContaining(['answers', 'log of server', 'table audit_log', 'table users']),
    );
    for (const place of SERVICE_NAMES.map((name) => `log of ${name}`))
      expect(leavings.entries().find(([name]) => name === place)?.[1]).toContain('"level":"debug"');
  }, 240_000);

  it('a secret would be found in every form in which programs write it', () => {
    const one = new PlantedSecrets();
    const value = one.add('it', 'a "secret" wörd & more');
    const hidden = [
      value,
      value.toLowerCase(),
      encodeURIComponent(value),
      JSON.stringify({ value }),
      Buffer.from(value).toString('hex'),
      `\\x${Buffer.from(value).toString('hex')}`,
      ...['', 'u', 'us', 'user:'].flatMap((before) => [
        Buffer.from(`${before}${value}`).toString('base64'),
        Buffer.from(`${before}${value} and more`).toString('base64url'),
      ]),
    ];
    for (const text of hidden) expect(one.in(`before ${text} after`)).toEqual(['it (0)']);
    expect(one.in('a "secret" word & more')).toEqual([]);
  });
});
