import { randomUUID } from 'node:crypto';
import { deviceTopic } from '@infoscreen/shared-types';
import { connectMqtt, eventually } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BehindProxies, startBehindProxies } from './behind-proxies.ts';

describe('a listener that stands still', () => {
  let behind: BehindProxies;
  beforeAll(async () => {
    behind = await startBehindProxies();
  });
  afterAll(() => behind.stop());

  const holders = async () => {
    const { rows } = await behind.pool.query<{ holder: string }>(
      'SELECT DISTINCT holder FROM listener_lanes WHERE lease_until > now() AND acks_stored_at >= held_since ORDER BY 1',
    );
    return rows.map(({ holder }) => holder).join();
  };

  it('loses its lanes to the other one, stores nothing twice when it wakes, and gets its share again', async () => {
    const paused = await behind.start('listener', { INSTANCE_ID: 'paused' });
    await behind.start('listener', { INSTANCE_ID: 'awake' });
    await eventually(async () => (await holders()) === 'awake,paused', { deadlineMs: 60_000 });
    const account = await behind.testBroker.addAccount({
      username: 'devices',
      access: { publish: ['infoscreen/#'], subscribe: [], receive: [] },
    });
    const device = await connectMqtt({ port: behind.testBroker.port, clientId: 'devices', ...account });
    const uuids = Array.from({ length: 40 }, () => randomUUID());
    for (const uuid of uuids) await behind.pool.query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
    const fail = async (unit: string) => {
      for (const uuid of uuids) await device.publish(deviceTopic(uuid, 'service_failed'), { unit });
    };
    const stored = async () => (await behind.pool.query('SELECT FROM service_failures')).rowCount;

    await paused.process.kill('SIGSTOP');
    await fail('while it stands still');
    await eventually(async () => (await holders()) === 'awake', { deadlineMs: 60_000 });
    await eventually(async () => (await stored()) === uuids.length, { deadlineMs: 60_000 });

    await paused.process.kill('SIGCONT');
    await eventually(() => paused.process.logRecords().some(({ message }) => message === 'lanes lost'), {
      deadlineMs: 30_000,
    });
    await eventually(async () => (await holders()) === 'awake,paused', { deadlineMs: 60_000 });
    await fail('after it woke');
    await eventually(async () => (await stored()) === 2 * uuids.length, { deadlineMs: 60_000 });
    expect(paused.process.logRecords().filter(({ level }) => level === 'error')).toEqual([]);
    await device.end();
  }, 240_000);
});
