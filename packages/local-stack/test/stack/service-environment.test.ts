import { expect, it } from '@jest/globals';
import { screensEnvironment, serviceEnvironment } from '../../src/stack/service-environment.ts';
import { settleSecrets } from '../../src/stack/stack-env-file.ts';

it('services are given the database account that is theirs, and not the one of the owner', () => {
  const given = {
    POSTGRES_PASSWORD: 'the password of the owner',
    MIGRATION_DATABASE_URL: 'postgresql://postgres:the password of the owner@db/infoscreen',
    COMMAND_TTL_SECONDS: '60',
  };
  const environment = serviceEnvironment({ HOST: '127.0.0.1', given }, settleSecrets(given, {}), {
    DATABASE_URL: 'postgresql://infoscreen_service:secret@127.0.0.1/infoscreen',
  });
  expect(JSON.stringify(environment)).not.toContain('the password of the owner');
  expect(environment).toMatchObject({
    DATABASE_URL: 'postgresql://infoscreen_service:secret@127.0.0.1/infoscreen',
    COMMAND_TTL_SECONDS: '60',
  });
});

it('simulated screens are given no secret, and of the settings only their own', () => {
  const given = {
    POSTGRES_PASSWORD: 'a secret',
    MQTT_PASSWORD: 'a secret',
    ADMIN_PASSWORD: 'a secret',
    HEARTBEAT_INTERVAL_SECONDS: '30',
  };
  const environment = screensEnvironment({ given }, { MQTT_HOST: 'broker.example' });
  expect(JSON.stringify(environment)).not.toContain('a secret');
  expect(environment).toMatchObject({ HEARTBEAT_INTERVAL_SECONDS: '30', MQTT_HOST: 'broker.example' });
});
