import { readStackSettings } from '@infoscreen/local-stack';
import { expect, test } from '@jest/globals';

test('npm start needs no setting', () => {
  expect(readStackSettings({})).toMatchObject({ PORT: 8000, SIMULATED_SCREENS: 3, ADMIN_USERNAME: 'admin' });
});

test('the environment comes before .env, and an empty value counts as not set', () => {
  const settings = readStackSettings(
    { PORT: '8001', LOCAL_BROKER: '' },
    { PORT: '8002', LOCAL_BROKER: 'embedded' },
  );
  expect(settings).toMatchObject({ PORT: 8001, LOCAL_BROKER: 'embedded' });
});

test('all that cannot be used is named together', () => {
  const read = () =>
    readStackSettings({
      PORT: '0',
      MQTT_PORT: 'x',
      DATABASE_URL: 'mysql://root@db/infoscreen',
      MIGRATION_DATABASE_URL: 'infoscreen',
      LOCAL_BROKER: 'rabbit',
      SIMULATED_SCREENS: '-1',
    });
  expect(read).toThrow(
    [
      'PORT must be a port number from 1 to 65535',
      'DATABASE_URL must be a URL like postgresql://user:password@host:5432/database',
      'MIGRATION_DATABASE_URL must be a URL like postgresql://user:password@host:5432/database',
      'MQTT_PORT must be a port number from 1 to 65535',
      'LOCAL_BROKER must be mosquitto or embedded, or be left out',
      'SIMULATED_SCREENS must be a whole number from 0 to 9999',
    ].join('\n'),
  );
});
