import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createMqttConnection } from '@infoscreen/service-kit';
import {
  connectMqtt,
  eventually,
  mosquittoAvailable,
  startTestBroker,
  type TestBroker,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRecordingLogger } from './recording-logger.ts';

const MESSAGES = 120;
const HOLD_MS = 50;

(mosquittoAvailable() ? describe : describe.skip)('an MQTT connection with a backlog', () => {
  let broker: TestBroker;
  beforeAll(async () => {
    broker = await startTestBroker();
  });
  afterAll(() => broker.stop());

  // The answer to a ping comes behind the backlog, here after 6 s, and mqtt.js waits for it for 1.5 s.
  it('stays open while each message is stored quickly, but all of them take longer than the keepalive', async () => {
    const topic = `infoscreen/${randomUUID()}/commands/ack`;
    const clientId = `reader-${randomUUID()}`;
    const early = await broker.connectService({ clientId, clean: false });
    await early.subscribe(topic, 1);
    await early.end();
    const sender = await broker.addAccount({
      username: 'sender',
      access: { publish: [topic], subscribe: [], receive: [] },
    });
    const device = await connectMqtt({ port: broker.port, clientId: 'sender', ...sender });
    for (let n = 0; n < MESSAGES; n += 1) await device.publish(topic, String(n), { qos: 1 });
    await device.end();

    const heard: string[] = [];
    const logger = createRecordingLogger();
    const connection = createMqttConnection({
      host: broker.host,
      port: broker.port,
      ...broker.service,
      clientId,
      clean: false,
      keepaliveSeconds: 1,
      subscriptions: [{ filter: topic, qos: 1 }],
      onMessage: async (message) => {
        await pause(HOLD_MS);
        heard.push(Buffer.from(message.payload).toString());
        message.acknowledge();
      },
      logger,
    });
    connection.start();
    await eventually(() => heard.length >= MESSAGES, { deadlineMs: 25_000 });
    await connection.stop();
    expect(heard).toEqual(Array.from({ length: MESSAGES }, (_, n) => String(n)));
    expect(logger.lines.map(({ message }) => message)).toEqual(['mqtt connected']);
  });
});
