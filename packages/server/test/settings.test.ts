import { serverSettingsSchema } from '@infoscreen/server';
import { parseSettings } from '@infoscreen/service-kit';
import { describe, expect, it } from '@jest/globals';

const SECRET = 'a-secret-for-tests-0123456789-0123456789';
const COMPLETE = {
  DATABASE_URL: 'postgresql://user:a-real-one@db:5432/infoscreen',
  MQTT_HOST: 'broker',
  MQTT_USER: 'shared',
  MQTT_PASSWORD: SECRET,
  MQTT_ADMIN_USER: 'administrator',
  MQTT_ADMIN_PASSWORD: SECRET,
  SESSION_SECRET: SECRET,
  CREDENTIALS_KEY: SECRET,
};
const reading = (settings: Record<string, string>) => () =>
  parseSettings(serverSettingsSchema, { ...COMPLETE, ...settings });

describe("the broker accounts in the server's settings", () => {
  it('may be one for two services', () => {
    const settings = {
      SERVER_MQTT_USER: 'commands',
      SERVER_MQTT_PASSWORD: SECRET,
      SCHEDULER_MQTT_USER: 'commands',
      SCHEDULER_MQTT_PASSWORD: SECRET,
    };
    expect(reading(settings)()).toMatchObject(settings);
  });

  it('are refused where one name has two passwords', () => {
    const settings = { LISTENER_MQTT_USER: 'shared', LISTENER_MQTT_PASSWORD: `${SECRET}-other` };
    expect(reading(settings)).toThrow('LISTENER_MQTT_PASSWORD: must be the password that another setting');
  });

  it.each(['MQTT_USER', 'SERVER_MQTT_USER', 'LISTENER_MQTT_USER', 'SCHEDULER_MQTT_USER'])(
    "are refused where %s is the administrator's",
    (name) => {
      const settings = { [name]: 'administrator', [name.replace('USER', 'PASSWORD')]: SECRET };
      expect(reading(settings)).toThrow(`${name}: must not be MQTT_ADMIN_USER`);
    },
  );
});
