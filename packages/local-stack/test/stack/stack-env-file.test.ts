import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { baseUrlOf } from '../../src/stack/base-url.ts';
import { readEnvFile, settleSecrets, writeStackEnv } from '../../src/stack/stack-env-file.ts';

describe('the file of the local stack’s secrets', () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = makeTemporaryFolder('stack-env');
    file = join(folder, 'stack.env');
  });
  afterAll(() => removeTemporaryFolder(folder));

  const sourced = (name: string) =>
    execFileSync('sh', ['-c', `set -a; . "${file}"; printf %s "$${name}"`], { encoding: 'utf8' });

  it('keeps what was made, in signs that a shell reads as they stand, for its owner alone', () => {
    const given = { SESSION_SECRET: 'set by somebody' };
    const made = settleSecrets(given, {});
    writeStackEnv(file, given, made, {});
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readEnvFile(file)['SESSION_SECRET']).toBeUndefined();
    expect(made.values.ADMIN_PASSWORD).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(sourced('ADMIN_PASSWORD')).toBe(made.values.ADMIN_PASSWORD);
    const again = settleSecrets(given, readEnvFile(file));
    expect(again.values).toEqual(made.values);
    expect(again.made.size).toBe(0);
  });

  it('can be sourced also where somebody’s names hold blanks, quotes and dollars', () => {
    const name = `Anna's $HOME admin`;
    writeStackEnv(file, {}, settleSecrets({}, {}), { ADMIN_USERNAME: name });
    expect(sourced('ADMIN_USERNAME')).toBe(name);
  });
});

describe('the address at which this machine asks a server', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:8000'],
    ['0.0.0.0', 'http://127.0.0.1:8000'],
    ['::', 'http://127.0.0.1:8000'],
    ['::1', 'http://[::1]:8000'],
    ['192.168.7.5', 'http://192.168.7.5:8000'],
  ])('that listens on %s is %s', (host, url) => {
    expect(baseUrlOf({ HOST: host, PORT: 8000 })).toBe(url);
  });
});
