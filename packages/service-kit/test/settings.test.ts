import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  databaseSettings,
  mqttSettings,
  parseSettings,
  SettingsError,
  secondsSetting,
  secretSchema,
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
      MQTT_PORT: 1883,
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
