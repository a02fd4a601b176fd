import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  brokerAddressOf,
  brokerLoginOf,
  databaseSettings,
  listenerAccountSettings,
  mqttSettings,
  parseSettings,
  SettingsError,
  secondsSetting,
  secretSchema,
  serviceLogins,
  withBrokerRules,
} from '@infoscreen/service-kit';
import { makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const schema = z.object({
  ...databaseSettings,
  ...mqttSettings,
  SESSION_SECRET: secretSchema(),
  GRACE: secondsSetting(180),
});
const complete = {
  DATABASE_URL: 'postgresql://user:a-real-one@db:5432/infoscreen',
  MQTT_HOST: 'broker',
  MQTT_USER: 'service',
  MQTT_PASSWORD: 'a-real-one',
  SESSION_SECRET: '0123456789abcdef',
};

function problemsOf(source: Record<string, string | undefined>): readonly string[] {
  try {
    parseSettings(schema, source);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('fill what is not set with defaults, and an empty value counts as not set', () => {
    const settings = parseSettings(schema, { ...complete, MQTT_PORT: '', MQTT_LEGACY_TOPICS: 'off' });
    expect(settings).toMatchObject({
      MQTT_TLS: false,
      MQTT_LEGACY_TOPICS: false,
      GRACE: 180,
      DATABASE_POOL_SIZE: 10,
    });
  });

  it('tell all that is wrong at once, by name, without showing a value', () => {
    const problems = problemsOf({
      MQTT_PORT: '70000',
      GRACE: '1m',
      MQTT_PASSWORD: 'changeme',
      SESSION_SECRET: 'tooshort',
    });
    expect(new Set(problems.map((problem) => problem.split(':')[0]))).toEqual(
      new Set([
        'DATABASE_URL',
        'GRACE',
        'MQTT_HOST',
        'MQTT_PASSWORD',
        'MQTT_PORT',
        'MQTT_USER',
        'SESSION_SECRET',
      ]),
    );
    expect(problems.join('\n')).not.toMatch(/tooshort|changeme|70000/);
  });

  it.each(['change-me', 'CHANGE_ME_please', '<random>', 'password', ''])('refuse %p as a secret', (value) => {
    expect(problemsOf({ ...complete, SESSION_SECRET: value })).toHaveLength(1);
  });

  it('refuse a placeholder as the password of the database', () => {
    expect(problemsOf({ ...complete, DATABASE_URL: 'postgresql://user:change-me@db/infoscreen' })).toEqual([
      'DATABASE_URL: its password is still a placeholder: set the real one',
    ]);
  });

  it.each(['p@ss/word', 'word?', 'word#1', 'half%', '%zz'])(
    'are told when a password breaks the address of the database: %s',
    (password) => {
      expect(
        problemsOf({ ...complete, DATABASE_URL: `postgresql://user:${password}@db:5432/infoscreen` }),
      ).toEqual([expect.stringMatching(/^DATABASE_URL: .*A-Z a-z 0-9 _ -/)]);
    },
  );

  it.each([
    'postgresql://user:p%40ss%2Fword%3F@db:5432/infoscreen?application_name=x',
    'postgresql://user@db/infoscreen',
  ])('take an address as a URL is written, also without a password: %s', (DATABASE_URL) => {
    expect(problemsOf({ ...complete, DATABASE_URL })).toEqual([]);
  });

  it('read a secret from the file that NAME_FILE names, and say when it is not to be read', () => {
    const folder = makeTemporaryFolder('settings');
    const file = join(folder, 'secret');
    writeFileSync(file, 'from-a-file-0123456789\n');
    const { SESSION_SECRET: _, ...rest } = complete;
    expect(parseSettings(schema, { ...rest, SESSION_SECRET_FILE: file }).SESSION_SECRET).toBe(
      'from-a-file-0123456789',
    );
    expect(problemsOf({ ...rest, SESSION_SECRET_FILE: `${file}.missing` }).join()).toContain(
      'SESSION_SECRET_FILE: can',
    );
    removeTemporaryFolder(folder);
  });
});

describe('the address of the broker', () => {
  const checked = withBrokerRules(z.object(mqttSettings), []);
  const required = { MQTT_HOST: 'broker', MQTT_USER: 'service', MQTT_PASSWORD: 'a-real-one' };

  it('has the port in clear, or that of TLS, where none is set', () => {
    expect(brokerAddressOf(parseSettings(checked, required))).toEqual({ host: 'broker', port: 1883 });
    expect(brokerAddressOf(parseSettings(checked, { ...required, MQTT_TLS: 'true' }))).toEqual({
      host: 'broker',
      port: 8883,
      tls: {},
    });
    const other = parseSettings(checked, { ...required, MQTT_TLS: 'true', MQTT_PORT: '18883' });
    expect(brokerAddressOf(other).port).toBe(18_883);
  });

  it("has the CA's certificate, and is refused where the file holds none", () => {
    const folder = makeTemporaryFolder('ca');
    const file = join(folder, 'ca.crt');
    const read = () => parseSettings(checked, { ...required, MQTT_TLS: 'true', MQTT_CA_FILE: file });
    expect(read).toThrow('MQTT_CA_FILE: must name a file');
    writeFileSync(file, 'no certificate');
    expect(read).toThrow('MQTT_CA_FILE: must name a file');
    const certificate = '-----BEGIN CERTIFICATE-----\nnot read here\n-----END CERTIFICATE-----\n';
    writeFileSync(file, certificate);
    expect(brokerAddressOf(read()).tls).toEqual({ ca: certificate });
    removeTemporaryFolder(folder);
  });
});

describe('broker accounts of services', () => {
  const withOwn = withBrokerRules(z.object({ ...mqttSettings, ...listenerAccountSettings }), ['listener']);
  const shared = { MQTT_HOST: 'broker', MQTT_USER: 'shared', MQTT_PASSWORD: 'a-real-one' };
  const own = { LISTENER_MQTT_USER: 'hears', LISTENER_MQTT_PASSWORD: '0123456789abcdef' };

  it('are a service’s own where it has one, else the one they share', () => {
    const settings = parseSettings(withOwn, { ...shared, ...own });
    expect(brokerLoginOf(settings, 'listener')).toEqual({ username: 'hears', password: '0123456789abcdef' });
    expect(brokerLoginOf(settings, 'server')).toEqual({ username: 'shared', password: 'a-real-one' });
  });

  it('are listed with who uses them, the shared one first and in any case', () => {
    const all = Object.fromEntries(
      ['SERVER', 'LISTENER', 'SCHEDULER'].flatMap((name) => [
        [`${name}_MQTT_USER`, name],
        [`${name}_MQTT_PASSWORD`, `password of ${name}`],
      ]),
    );
    expect(serviceLogins({ ...shared, ...own })).toEqual([
      { username: 'shared', password: 'a-real-one', services: ['server', 'scheduler'] },
      { username: 'hears', password: '0123456789abcdef', services: ['listener'] },
    ]);
    expect(
      serviceLogins({ ...shared, ...all }).map(({ username, services }) => [username, services]),
    ).toEqual([
      ['shared', []],
      ['SERVER', ['server']],
      ['LISTENER', ['listener']],
      ['SCHEDULER', ['scheduler']],
    ]);
  });

  it.each([
    ['LISTENER_MQTT_PASSWORD', { LISTENER_MQTT_USER: 'hears' }],
    ['LISTENER_MQTT_USER', { LISTENER_MQTT_PASSWORD: '0123456789abcdef' }],
  ])('are refused without %s, also where something else is wrong', (missing, half) => {
    const read = () => parseSettings(withOwn, { ...shared, MQTT_HOST: '', ...half });
    expect(read).toThrow(`${missing}: missing: `);
    expect(read).toThrow('MQTT_HOST: missing');
  });

  it.each(['0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b', 'a/b', '+', 'a b'])('are not called %p', (name) => {
    expect(() => parseSettings(withOwn, { ...shared, MQTT_USER: name })).toThrow('MQTT_USER: must be a name');
  });
});
