import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { mosquittoConfig } from '../../src/broker/mosquitto-config.ts';
import { REPOSITORY_ROOT } from '../../src/repository-root.ts';

const DEPLOYED = readFileSync(join(REPOSITORY_ROOT, 'mosquitto/mosquitto.conf'), 'utf8');
const LOCAL = mosquittoConfig({ port: 1, dir: '/d', pluginPath: '/p', accountsPath: '/a' });

const optionOf = (config: string, option: string) =>
  config
    .split('\n')
    .find((line) => line.startsWith(`${option} `))
    ?.slice(option.length + 1);

describe('the broker that tests run against', () => {
  /** What it keeps and loses has to be what the deployed one keeps and loses. */
  it.each([
    'max_inflight_messages',
    'max_queued_messages',
    'max_queued_bytes',
    'persistence',
    'autosave_interval',
    'allow_anonymous',
  ])('has the deployed one’s %s', (option) => {
    expect(optionOf(LOCAL, option)).toBeDefined();
    expect(optionOf(LOCAL, option)).toBe(optionOf(DEPLOYED, option));
  });
});
