import { randomUUID } from 'node:crypto';
import { type DeviceTopicKind, deviceAccess, deviceTopic } from '@infoscreen/shared-types';
import {
  connectMqtt,
  createTestDatabase,
  eventually,
  freePort,
  mosquittoAvailable,
  naiveListenerAccess,
  startProcess,
  startTestBroker,
} from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';

// A suite that must fail against a twin would also "catch" one that does nothing at all.
describe.each(['acknowledge_before_commit', 'share_group'])(
  'a listener that makes the mistake %s',
  (mistake) => {
    const itWithMosquitto = mosquittoAvailable() ? it : it.skip;

    itWithMosquitto('stores what a screen says while nothing breaks', async () => {
      const database = await createTestDatabase();
      const broker = await startTestBroker();
      const pool = new pg.Pool({ connectionString: database.url });
      const account = await broker.addAccount({ username: 'naive', access: naiveListenerAccess() });
      const port = await freePort();
      const twin = await startProcess({
        entry: 'packages/test-kit/dist/twins/naive-listener-main.js',
        env: {
          DATABASE_URL: database.url,
          MQTT_HOST: broker.host,
          MQTT_PORT: String(broker.port),
          MQTT_USER: account.username,
          MQTT_PASSWORD: account.password,
          OPS_PORT: String(port),
          INSTANCE_ID: 'twin',
          NAIVE_LISTENER: mistake,
        },
        readyUrl: `http://127.0.0.1:${port}/readyz`,
      });
      const uuid = randomUUID();
      const screen = await connectMqtt({
        port: broker.port,
        clientId: uuid,
        ...(await broker.addAccount({ username: uuid, clientId: uuid, access: deviceAccess(uuid) })),
      });
      const say = (kind: DeviceTopicKind, payload: unknown) =>
        screen.publish(deviceTopic(uuid, kind), payload);
      try {
        await eventually(async () => {
          // The first may come before the subscription.
          await say('discovery', { uuid, boot_id: 'boot-1' });
          return (
            (await pool.query('SELECT FROM client_states WHERE boot_id = $1', ['boot-1'])).rowCount === 1
          );
        });
        await say('heartbeat', { process_status: 'running' });
        await say('presence', { online: true });
        await say('service_failed', { unit: 'player' });
        const stored = `SELECT process_status, presence_online, last_alive IS NOT NULL AS alive, (SELECT array_agg(unit) FROM service_failures) AS failures
        FROM client_states`;
        await eventually(async () => (await pool.query(stored)).rows[0]?.failures !== null);
        await eventually(async () => (await pool.query(stored)).rows[0]?.presence_online === true);
        await eventually(async () => (await pool.query(stored)).rows[0]?.alive === true);
        expect((await pool.query(stored)).rows).toEqual([
          { process_status: 'running', presence_online: true, alive: true, failures: ['player'] },
        ]);
      } finally {
        await screen.end();
        expect(await twin.stop()).toBe(0);
        await pool.end();
        await broker.stop();
        await database.drop();
      }
    });
  },
);
