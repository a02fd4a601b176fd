import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readAgentSettings, readSimulationSettings, SettingsError } from '../../src/env.ts';

const CERT = '-----BEGIN CERTIFICATE-----\nnot read here\n-----END CERTIFICATE-----\n';
// In parts, so that nobody takes it for a key.
const KEY = ['-----BEGIN ', 'PRIVATE KEY-----\nnot read here\n'].join('');

describe('the settings of the simulator', () => {
  it('have defaults for all but the broker and the accounts', () => {
    expect(readSimulationSettings({ MQTT_HOST: 'broker', SIMULATED_SCREENS_FILE: 'screens.json' })).toEqual({
      mqttHost: 'broker',
      mqttPort: 1883,
      screensFile: 'screens.json',
      heartbeatIntervalSeconds: 10,
      healthIntervalSeconds: 15,
      rebootSeconds: 5,
    });
  });

  it('are refused with all problems at once', () => {
    const read = () => readSimulationSettings({ MQTT_HOST: '', MQTT_PORT: 'many', REBOOT_SECONDS: '-1' });
    expect(read).toThrow(SettingsError);
    for (const name of ['MQTT_HOST', 'MQTT_PORT', 'SIMULATED_SCREENS_FILE', 'REBOOT_SECONDS']) {
      expect(read).toThrow(name);
    }
  });
});

describe('the settings of a real agent', () => {
  const certificates = makeTemporaryPem();
  afterAll(() => certificates.remove());

  const account = {
    MQTT_HOST: 'broker',
    MQTT_USER: '11111111-1111-4111-8111-111111111111',
    MQTT_PASSWORD: 'secret',
  };

  it('restart the unit of the player unless told otherwise', () => {
    const settings = readAgentSettings({ ...account, PLAYER_UNIT: 'kiosk.service' });
    expect(settings.host.restartAppCommand).toEqual(['/usr/bin/systemctl', 'restart', 'kiosk.service']);
  });

  it('are refused where a command is not an absolute path', () => {
    const read = () =>
      readAgentSettings({ ...account, REBOOT_COMMAND: 'reboot', RESTART_APP_COMMAND: './restart' });
    expect(read).toThrow('REBOOT_COMMAND must begin with the absolute path of a program');
  });

  it('are refused without an account', () => {
    expect(() => readAgentSettings({ MQTT_HOST: 'broker' })).toThrow(/MQTT_USER[\s\S]*MQTT_PASSWORD/);
  });

  it('show a certificate in the place of a password, over TLS and on its port', () => {
    const { MQTT_PASSWORD: _, ...named } = account;
    const { broker, password } = readAgentSettings({ ...named, MQTT_TLS: 'true', ...certificates.settings });
    expect(password).toBeUndefined();
    expect(broker).toEqual({ host: 'broker', port: 8883, tls: { ca: CERT, cert: CERT, key: KEY } });
  });

  it.each([
    ['MQTT_KEY_FILE is not set', { MQTT_KEY_FILE: '' }],
    ['MQTT_CERT_FILE is not set', { MQTT_CERT_FILE: '' }],
    ['MQTT_TLS must be true', { MQTT_TLS: 'false' }],
    ['MQTT_CA_FILE must name a file', { MQTT_CA_FILE: '/no/such/file' }],
  ])('are refused: %s', (sentence, change) => {
    const settings = { ...account, MQTT_TLS: 'true', ...certificates.settings, ...change };
    expect(() => readAgentSettings(settings)).toThrow(sentence);
  });
});

function makeTemporaryPem() {
  const folder = mkdtempSync(join(tmpdir(), 'agent-settings-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    settings: {
      MQTT_CA_FILE: file('ca.crt', CERT),
      MQTT_CERT_FILE: file('screen.crt', CERT),
      MQTT_KEY_FILE: file('screen.key', KEY),
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
