import { randomUUID } from 'node:crypto';
import { deviceTopic } from '@infoscreen/shared-types';
import {
  connectMqtt,
  eventually,
  mosquittoAvailable,
  startTestBroker,
  type TestBroker,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BROKER_SETTINGS } from '../../src/broker/mosquitto-config.ts';

const PACKET = Number(BROKER_SETTINGS.max_packet_size);
const QUEUED = 40;
const IN_FLIGHT = 10;

(mosquittoAvailable() ? describe : describe.skip)('what Mosquitto takes from anybody', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    // The deployed size of a packet; the others so small that a test reaches them.
    broker = await startTestBroker({
      limits: {
        max_queued_messages: String(QUEUED),
        max_inflight_messages: String(IN_FLIGHT),
      },
    });
  });
  afterAll(() => broker.stop());

  const screen = async () => {
    const uuid = randomUUID();
    const account = await broker.addDeviceAccount(uuid);
    return { uuid, connect: () => connectMqtt({ port: broker.port, clientId: uuid, ...account }) };
  };

  it('ends with a packet that is too large: its sender is cut, nothing is delivered, others go on', async () => {
    const { uuid, connect } = await screen();
    const topic = deviceTopic(uuid, 'heartbeat');
    const watcher = await broker.connectService({ clientId: 'watcher' });
    await watcher.subscribe('infoscreen/#');
    const sender = await connect();
    const room = PACKET - topic.length - 16;
    await sender.publish(topic, Buffer.alloc(room, 'x'));
    await watcher.waitFor(({ payload }) => payload.length === room);
    sender.publish(topic, Buffer.alloc(PACKET, 'y')).catch(() => {});
    await sender.closed();
    await sender.end();
    const again = await connect();
    await again.publish(topic, 'small');
    await watcher.waitFor(({ text }) => text === 'small');
    expect(watcher.messages.filter(({ payload }) => payload[0] === 'y'.charCodeAt(0))).toEqual([]);
    await again.end();
    await watcher.end();
  });

  it('is bounded for a reader who is away: what is over is dropped, the oldest is kept', async () => {
    const reader = await broker.connectService({ clientId: 'reader', clean: false });
    await reader.subscribe('infoscreen/+/heartbeat');
    await reader.cut();
    const { uuid, connect } = await screen();
    const sender = await connect();
    const sent = Array.from({ length: QUEUED + IN_FLIGHT + 60 }, (_, index) => String(index));
    for (const text of sent) await sender.publish(deviceTopic(uuid, 'heartbeat'), text);
    await sender.end();
    const back = await broker.connectService({ clientId: 'reader', clean: false });
    await back.subscribe('infoscreen/_canary/+');
    await eventually(() => back.messages.length >= QUEUED);
    await back.publish('infoscreen/_canary/end', 'end');
    await back.waitFor(({ text }) => text === 'end');
    const kept = back.messages.map(({ text }) => text).filter((text) => text !== 'end');
    expect(kept.length).toBeLessThanOrEqual(QUEUED + IN_FLIGHT);
    expect(kept).toEqual(sent.slice(0, kept.length));
    await back.end();
    await (await broker.connectService({ clientId: 'reader' })).end();
  });
});
