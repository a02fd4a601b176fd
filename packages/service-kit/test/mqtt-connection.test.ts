import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import {
  createMqttConnection,
  type MqttConnection,
  type MqttConnectionOptions,
  MqttNotConnectedError,
  type ReceivedMessage,
} from '@infoscreen/service-kit';
import {
  availableBrokers,
  connectMqtt,
  eventually,
  startTcpProxy,
  startTestBroker,
  type TestBroker,
} from '@infoscreen/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createRecordingLogger } from './recording-logger.ts';

const ACK_TOPIC = 'infoscreen/+/commands/ack';
const topic = `infoscreen/${randomUUID()}/commands/ack`;
const open: MqttConnection[] = [];

function connect(options: Partial<MqttConnectionOptions> & { readonly port: number }) {
  const received: ReceivedMessage[] = [];
  const logger = createRecordingLogger();
  const connection = createMqttConnection({
    host: '127.0.0.1',
    username: 'service',
    password: 'unknown',
    clientId: `test-${randomUUID()}`,
    clean: false,
    subscriptions: [{ filter: ACK_TOPIC, qos: 1 }],
    onMessage: (message) => {
      received.push(message);
    },
    logger,
    ...options,
  });
  open.push(connection);
  connection.start();
  return { connection, received, lines: logger.lines };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.stop()));
});

describe.each(availableBrokers())('an MQTT connection to %s', (kind) => {
  let broker: TestBroker;
  let device: { publish(payload: string): Promise<void>; end(): Promise<void> };

  beforeAll(async () => {
    broker = await startTestBroker({ kind });
    const sender = await broker.addAccount({
      username: 'sender',
      access: { publish: ['infoscreen/#'], subscribe: [], receive: [] },
    });
    const mqtt = await connectMqtt({ port: broker.port, clientId: 'sender', ...sender });
    device = { publish: (payload) => mqtt.publish(topic, payload), end: () => mqtt.end() };
  });
  afterAll(async () => {
    await device.end();
    await broker.stop();
  });

  const connectService = async (options: Partial<MqttConnectionOptions> = {}) => {
    const made = connect({ port: broker.port, ...broker.service, ...options });
    await eventually(() => made.connection.connected);
    return made;
  };
  const texts = (messages: readonly ReceivedMessage[]) =>
    messages.map(({ payload }) => Buffer.from(payload).toString());
  const restart = async (connection: MqttConnection) => {
    await connection.stop();
    connection.start();
    await eventually(() => connection.connected);
  };

  it('is connected after a backlog that takes longer than an answer may', async () => {
    const clientId = `test-${randomUUID()}`;
    const first = await connectService({ clientId });
    await first.connection.stop();
    await Promise.all(Array.from({ length: 4 }, (_, index) => device.publish(`kept ${index}`)));
    const delivered: string[] = [];
    const { lines } = await connectService({
      clientId,
      subscribeSilenceMs: 400,
      onMessage: async (message) => {
        delivered.push(Buffer.from(message.payload).toString());
        await new Promise((resolve) => setTimeout(resolve, 600));
        message.acknowledge();
      },
    });
    expect(new Set(delivered).size).toBe(delivered.length);
    expect(delivered.length).toBeGreaterThan(0);
    expect(lines.filter(({ message }) => message.includes('failed'))).toEqual([]);
  });

  it('gets a message again until it is acknowledged', async () => {
    const { connection, received } = await connectService();
    await device.publish('one');
    await eventually(() => received.length === 1);
    await restart(connection);
    await eventually(() => received.length === 2);
    expect(received[1]).toMatchObject({ topic, qos: 1, retain: false });
    // The embedded broker doesn't mark repetitions.
    expect(received[1]?.dup).toBe(kind === 'mosquitto');
    received[1]?.acknowledge();
    await restart(connection);
    await device.publish('two');
    await eventually(() => received.length === 3);
    expect(texts(received)).toEqual(['one', 'one', 'two']);
  });

  it('writes no acknowledgement on a connection that the message did not come on', async () => {
    const { connection, received } = await connectService();
    await device.publish('held');
    await eventually(() => received.length === 1);
    await restart(connection);
    await eventually(() => received.length === 2);
    received[0]?.acknowledge();
    await restart(connection);
    await eventually(() => received.length === 3);
    expect(texts(received)).toEqual(['held', 'held', 'held']);
    received[2]?.acknowledge();
  });

  it('reads on and publishes while messages wait to be acknowledged, in any order', async () => {
    const { connection, received } = await connectService();
    for (let index = 0; index < 40; index += 1) await device.publish(String(index));
    await eventually(() => received.length === 40);
    await connection.publish(`infoscreen/${randomUUID()}/commands`, 'x', { qos: 1 });
    for (const message of received.toReversed()) message.acknowledge();
    await restart(connection);
    await device.publish('last');
    await eventually(() => received.length === 41);
    expect(texts(received).at(-1)).toBe('last');
  });

  it('gets messages in the order in which they were sent, however they are acknowledged', async () => {
    const { received } = await connectService();
    const send = (from: number, to: number) =>
      Promise.all(Array.from({ length: to - from }, (_, index) => device.publish(String(from + index))));
    await send(0, 4000);
    await eventually(() => received.length >= 1000);
    // Mosquitto 2.0.11 sends a thousand more for this one, and then counts those behind as room for new messages.
    received[0]?.acknowledge();
    await eventually(() => kind === 'embedded' || received.length > 1000);
    const taken = received.length;
    for (const message of received.slice(-500)) message.acknowledge();
    await send(4000, 4010);
    for (let done = 0; received.length < 4010; done = received.length) {
      for (const message of received.slice(done)) message.acknowledge();
      for (const message of received.slice(0, taken)) message.acknowledge();
      await eventually(() => received.length > done);
    }
    expect(texts(received)).toEqual(Array.from({ length: 4010 }, (_, index) => String(index)));
  });

  it('stays open while a message holds it back for longer than the keepalive, and reads on afterwards', async () => {
    let pings = 0;
    const proxy = await startTcpProxy({
      target: { host: '127.0.0.1', port: broker.port },
      inspect: (piece, direction) => {
        if (direction === 'to_target' && piece[0] === 0xc0) pings += 1;
        return 'pass';
      },
    });
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const heard: string[] = [];
    const { connection, lines } = await connectService({
      port: proxy.port,
      keepaliveSeconds: 1,
      onMessage: (message) => {
        heard.push(...texts([message]));
        message.acknowledge();
        return heard.length === 1 ? held : undefined;
      },
    });
    await device.publish('holds');
    await device.publish('waits');
    await eventually(() => pings >= 6);
    expect(heard).toEqual(['holds']);
    letGo();
    await eventually(() => heard.length === 2);
    expect(connection.connected).toBe(true);
    expect(lines.map(({ message }) => message)).toEqual(['mqtt connected']);
    await connection.stop();
    await proxy.stop();
  });

  it('makes its subscriptions anew at every connect, whatever the broker has kept', async () => {
    const clientId = `test-${randomUUID()}`;
    const { connection, received } = await connectService({ clientId });
    const thief = await broker.connectService({ clientId, clean: true });
    await eventually(() => !connection.connected || !thief.isConnected());
    await thief.end();
    await eventually(() => connection.connected);
    await device.publish('heard');
    await eventually(() => received.length === 1);
    received[0]?.acknowledge();
  });

  it('logs a refused subscription as an error, and stays connected', async () => {
    const { lines, connection } = await connectService({
      subscriptions: [
        { filter: ACK_TOPIC, qos: 1 },
        { filter: '$SYS/#', qos: 0 },
      ],
    });
    expect(lines.find(({ level }) => level === 'error')).toMatchObject({
      message: 'mqtt subscription refused',
      fields: { filters: ['$SYS/#'] },
    });
    expect(connection.connected).toBe(true);
  });
});

describe('an MQTT connection without a broker that accepts it', () => {
  let server: Server;
  let tries = 0;
  /** CONNACK with code 5, "not authorised", three times, then 0. */
  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        tries += 1;
        socket.write(Buffer.from([0x20, 0x02, 0x00, tries > 3 ? 0 : 5]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  const port = () => (server.address() as { port: number }).port;

  it('keeps trying after a refusal, with one log line per change', async () => {
    const { connection, lines } = connect({ port: port(), subscriptions: [] });
    await eventually(() => connection.connected);
    expect(tries).toBe(4);
    expect(lines.map(({ message }) => message)).toEqual([
      'mqtt connection failed, trying again',
      'mqtt connected',
    ]);
    expect(lines[0]?.fields).toMatchObject({ reason: 'Connection refused: Not authorized' });
  });

  it('throws at once when it is to publish, and keeps nothing for later', async () => {
    const { connection } = connect({ port: 1, subscriptions: [] });
    await expect(connection.publish('infoscreen/x', 'x', { qos: 1 })).rejects.toThrow(MqttNotConnectedError);
  });

  it('fails a publish that the broker does not confirm in time', async () => {
    const { connection } = connect({ port: port(), subscriptions: [] });
    await eventually(() => connection.connected);
    await expect(connection.publish('infoscreen/x', 'x', { qos: 1 }, 50)).rejects.toThrow('within 50 ms');
  });
});
