import { randomUUID } from 'node:crypto';
import { deviceTopic } from '@infoscreen/shared-types';
import { expect, test } from '@jest/globals';
import { describeEachBroker, REFUSED } from './each-broker.ts';

describeEachBroker('what the services may do', (scene, { uuid }) => {
  test.each(['#', '$SYS/#', '$CONTROL/#', '$share/g/infoscreen/#'])(
    'are refused a subscription to %s',
    async (filter) => {
      const { broker } = scene();
      const service = await broker.connectService({ clientId: `service-${randomUUID()}` });
      expect(await service.subscribe(filter)).toBe(REFUSED);
      await service.end();
    },
  );

  test('includes watching without a client id, as mosquitto_sub does', async () => {
    const { broker, watcher } = scene();
    const operator = await broker.connectService({ clientId: '' });
    expect(await operator.subscribe('infoscreen/+/commands')).not.toBe(REFUSED);
    const marker = randomUUID();
    await watcher.publish(`infoscreen/${uuid}/commands`, marker);
    await operator.waitFor(({ text }) => text === marker);
    await operator.end();
  });

  test('speak for no device, but may clear its presence', async () => {
    const { watcher, connectDevice, nothingArrived } = scene();
    const device = await connectDevice();
    const marker = randomUUID();
    await watcher.publish(deviceTopic(uuid, 'heartbeat'), marker);
    await watcher.publish(deviceTopic(uuid, 'command_ack'), marker);
    await nothingArrived(device, marker);
    await watcher.publish(deviceTopic(uuid, 'presence'), marker);
    await watcher.waitFor(({ text }) => text === marker);
    await device.end();
  });
});
