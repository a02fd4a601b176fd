import { describe, expect, it } from '@jest/globals';
import { readAgentSettings, readSimulationSettings, SettingsError } from '../../src/env.ts';

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
});
