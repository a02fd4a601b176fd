import { randomUUID } from 'node:crypto';
import { CONTROL_REQUEST_TOPIC, commandTopics, deviceTopic } from '@infoscreen/shared-types';
import { connectMqtt } from '@infoscreen/test-kit';
import { expect, test } from '@jest/globals';
import { describeEachBroker, NOT_AUTHORISED, REFUSED } from './each-broker.ts';

describeEachBroker('what a screen may do', (scene, { uuid, otherUuid }) => {
  test.each([
    'discovery',
    'heartbeat',
    'health',
    'service_failed',
    'presence',
    'command_ack',
    'command_ack_legacy',
  ] as const)('publishes its own %s', async (topicKind) => {
    const { watcher, connectDevice } = scene();
    const device = await connectDevice();
    const marker = randomUUID();
    await device.publish(deviceTopic(uuid, topicKind), marker);
    expect((await watcher.waitFor(({ text }) => text === marker)).topic).toBe(deviceTopic(uuid, topicKind));
    await device.end();
  });

  test('reads its own commands on both topics, also those sent while it was away', async () => {
    const { watcher, connectDevice } = scene();
    const device = await connectDevice({ clean: false });
    for (const topic of commandTopics(uuid, { legacy: true })) {
      expect(await device.subscribe(topic)).toBe(1);
      await watcher.publish(topic, `live ${topic}`);
      await device.waitFor(({ text }) => text === `live ${topic}`);
    }
    await device.cut();
    await watcher.publish(commandTopics(uuid, { legacy: false })[0] ?? '', 'kept');
    const again = await connectDevice({ clean: false });
    expect(again.sessionPresent).toBe(true);
    await again.waitFor(({ text }) => text === 'kept');
    await again.end();
    await (await connectDevice()).end();
  });

  test.each([
    '#',
    '+/#',
    'infoscreen/#',
    'infoscreen/+/commands',
    `infoscreen/${otherUuid}/commands`,
    `infoscreen/${otherUuid}/heartbeat`,
    'infoscreen/_canary/x',
    '$SYS/#',
    '$SYS/broker/uptime',
    '$CONTROL/#',
    '$CONTROL/dynamic-security/v1/response',
    '$share/g/infoscreen/+/commands/ack',
    '$share/g/#',
  ])('is refused a subscription to %s', async (filter) => {
    const { connectDevice } = scene();
    const device = await connectDevice();
    expect(await device.subscribe(filter)).toBe(REFUSED);
    await device.end();
  });

  test('is refused a share of its own command topic', async () => {
    const { connectDevice } = scene();
    const device = await connectDevice();
    expect(await device.subscribe(`$share/g/infoscreen/${uuid}/commands`)).toBe(REFUSED);
    await device.end();
  });

  test('is given nothing for a refused filter of a durable session', async () => {
    const { watcher, connectDevice } = scene();
    const device = await connectDevice({ clean: false });
    await device.subscribe('infoscreen/#');
    await device.subscribe(`infoscreen/${uuid}/commands`);
    await device.cut();
    await watcher.publish(`infoscreen/${otherUuid}/commands`, 'for another');
    await watcher.publish(`infoscreen/${uuid}/commands`, 'for this one');
    const again = await connectDevice({ clean: false });
    await again.waitFor(({ text }) => text === 'for this one');
    expect(again.messages.map(({ text }) => text)).not.toContain('for another');
    await again.end();
    await (await connectDevice()).end();
  });

  test.each([
    `infoscreen/${otherUuid}/heartbeat`,
    `infoscreen/${otherUuid}/commands/ack`,
    `infoscreen/${otherUuid}/commands`,
    `infoscreen/${uuid}/commands`,
    `infoscreen/${uuid}/command`,
    `infoscreen/${uuid}/anything`,
    'infoscreen/_canary/x',
  ])("is answered as usual for a publish to %s, which isn't delivered", async (topic) => {
    const { broker, connectDevice, nothingArrived } = scene();
    const device = await connectDevice();
    const marker = randomUUID();
    await device.publish(topic, marker);
    await device.publish(topic, marker, { retain: true });
    await nothingArrived(device, marker);
    const late = await broker.connectService({ clientId: `late-${randomUUID()}` });
    await late.subscribe(topic);
    await late.subscribe('infoscreen/_canary/after');
    await late.publish('infoscreen/_canary/after', 'after');
    await late.waitFor(({ text }) => text === 'after');
    expect(late.messages.map(({ text }) => text)).not.toContain(marker);
    await late.end();
    await device.end();
  });

  test('can write no account', async () => {
    const { broker, control, connectDevice, nothingArrived } = scene();
    const device = await connectDevice();
    const commands = [{ command: 'deleteClient', username: broker.service.username }];
    await device.publish(CONTROL_REQUEST_TOPIC, { commands });
    await nothingArrived(device, 'no marker');
    const [answer] = await control.run({ command: 'getClient', username: broker.service.username });
    expect(answer?.data).toMatchObject({ client: { username: broker.service.username } });
    await device.end();
  });

  test('leaves its last will on its own presence', async () => {
    const { watcher, connectDevice } = scene();
    const marker = randomUUID();
    const will = {
      topic: deviceTopic(uuid, 'presence'),
      payload: Buffer.from(marker),
      qos: 1,
      retain: false,
    } as const;
    const device = await connectDevice({ will });
    await device.cut();
    await watcher.waitFor(({ text }) => text === marker);
  });

  test.each([`infoscreen/${otherUuid}/presence`, `infoscreen/${uuid}/commands`])(
    'leaves no last will on %s',
    async (topic) => {
      const { connectDevice, nothingArrived } = scene();
      const marker = randomUUID();
      const will = { topic, payload: Buffer.from(marker), qos: 1, retain: true } as const;
      // A broker may refuse such a connection, or take it and drop the will.
      await connectDevice({ will }).then(
        (device) => device.cut(),
        () => {},
      );
      const device = await connectDevice();
      await nothingArrived(device, marker);
      await device.end();
    },
  );

  test('comes in under no other client id than its own', async () => {
    const { connectDevice } = scene();
    await expect(connectDevice({ clientId: otherUuid })).rejects.toMatchObject({ code: NOT_AUTHORISED });
  });

  test('does not come in with a wrong password, nor anybody without an account', async () => {
    const { broker, connectDevice } = scene();
    await expect(connectDevice({ password: 'wrong' })).rejects.toMatchObject({ code: NOT_AUTHORISED });
    await expect(connectDevice({ username: otherUuid })).rejects.toMatchObject({ code: NOT_AUTHORISED });
    await expect(connectMqtt({ port: broker.port, clientId: uuid })).rejects.toMatchObject({
      code: NOT_AUTHORISED,
    });
  });

  test('does not come in without a client id', async () => {
    const { connectDevice } = scene();
    await expect(connectDevice({ clientId: '' })).rejects.toMatchObject({ code: expect.any(Number) });
  });
});
