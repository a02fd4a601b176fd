import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { REPOSITORY, readText } from './repository-files.ts';

/** What docker-compose refuses to start without, but the names, which have a value in `.env.example`. */
const SECRETS = [
  'POSTGRES_PASSWORD',
  'POSTGRES_SERVICE_PASSWORD',
  'SESSION_SECRET',
  'CREDENTIALS_KEY',
  'MQTT_PASSWORD',
  'MQTT_ADMIN_PASSWORD',
  'ADMIN_PASSWORD',
];

let folder: string;
let file: string;
beforeEach(() => {
  folder = makeTemporaryFolder('init-env');
  file = join(folder, 'settings');
});
afterEach(() => removeTemporaryFolder(folder));

const initEnv = (...args: string[]) =>
  spawnSync('/bin/sh', [join(REPOSITORY, 'scripts/init-env'), ...args], { encoding: 'utf8' });
/** As a shell and docker-compose read it: of two lines with one name the last counts. */
const values = () =>
  new Map(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

describe('scripts/init-env', () => {
  it('gives a value to everything without which docker-compose does not start', () => {
    expect(initEnv(file).status).toBe(0);
    const required = [...readText('docker-compose.yml').matchAll(/\$\{([A-Z_]+):\?/g)].map(
      ([, name]) => name,
    );
    expect(required).toEqual(expect.arrayContaining(SECRETS));
    expect(required.filter((name) => !values().get(name ?? ''))).toEqual([]);
  });

  it('makes different secrets of 43 characters that need no quotes, for the owner of the file alone', () => {
    initEnv(file);
    const secrets = SECRETS.map((name) => values().get(name));
    expect(new Set(secrets).size).toBe(SECRETS.length);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('leaves a file that is there as it is, and says how to add to it', () => {
    writeFileSync(file, 'MQTT_PASSWORD=mine\n');
    const { status, stderr } = initEnv(file);
    expect(status).toBe(1);
    expect(stderr).toContain('--add-missing');
    expect(readFileSync(file, 'utf8')).toBe('MQTT_PASSWORD=mine\n');
  });

  it('adds the secrets that a file of before lacks, behind what is in it', () => {
    const before = 'MQTT_PASSWORD=mine\nSESSION_SECRET=\n# without an end of the line\nPORT=9000';
    writeFileSync(file, before);
    const { status, stdout } = initEnv('--add-missing', file);
    expect(status).toBe(0);
    expect(readFileSync(file, 'utf8').startsWith(`${before}\n`)).toBe(true);
    const added = SECRETS.filter((name) => name !== 'MQTT_PASSWORD');
    expect(stdout).toBe(`Added to ${file}: ${added.join(' ')}.\n`);
    for (const name of added) expect(values().get(name)).toMatch(/^[\w-]{43}$/);
    expect(values().get('MQTT_PASSWORD')).toBe('mine');
    expect(values().get('PORT')).toBe('9000');
  });

  it('adds nothing to a file that has all secrets', () => {
    initEnv(file);
    const before = readFileSync(file, 'utf8');
    expect(initEnv('--add-missing', file).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});
