import { randomUUID } from 'node:crypto';
import { createMqttConnection, type MqttConnectionOptions } from '@infoscreen/service-kit';
import {
  createTestAuthority,
  eventually,
  mosquittoAvailable,
  startTcpProxy,
  startTlsBroker,
  type TlsBroker,
} from '@infoscreen/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createRecordingLogger } from './recording-logger.ts';

const suite = mosquittoAvailable() ? describe : describe.skip;
const TOPIC = `infoscreen/_canary/${randomUUID()}`;
const open: { stop(): Promise<void> }[] = [];

type Options = Partial<MqttConnectionOptions> & { readonly inClear?: true };

function connect(broker: TlsBroker, { inClear, ...options }: Options = {}) {
  const logger = createRecordingLogger();
  const connection = createMqttConnection({
    host: 'localhost',
    port: broker.tlsPort,
    ...(inClear ? {} : { tls: { ca: broker.authority.cert } }),
    ...broker.broker.service,
    clientId: `test-${randomUUID()}`,
    clean: true,
    logger,
    ...options,
  });
  open.push(connection);
  connection.start();
  return { connection, lines: logger.lines };
}

/** What the first failed try was logged with; fails when it connects. */
async function reasonFor(broker: TlsBroker, options: Options = {}): Promise<unknown> {
  const { connection, lines } = connect(broker, options);
  const failed = await eventually(() => lines.find(({ message }) => message.startsWith('mqtt ')));
  expect(failed.message).toBe('mqtt connection failed, trying again');
  expect(connection.connected).toBe(false);
  return failed.fields?.['reason'];
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.stop()));
});

suite('an MQTT connection over TLS', () => {
  let broker: TlsBroker;
  beforeAll(async () => {
    broker = await startTlsBroker();
  });
  afterAll(() => broker.broker.stop());

  it.each(['localhost', '127.0.0.1'])(
    'delivers, acknowledges and publishes as one in clear does (%s)',
    async (host) => {
      const clientId = `test-${randomUUID()}`;
      const heard: string[] = [];
      const session: Partial<MqttConnectionOptions> = {
        host,
        clientId,
        clean: false,
        subscriptions: [{ filter: TOPIC, qos: 1 }],
        onMessage: (message) => {
          heard.push(Buffer.from(message.payload).toString());
          // Many within one turn go out in one packet.
          message.acknowledge();
        },
      };
      const { connection } = connect(broker, session);
      await eventually(() => connection.connected);
      const sent = Array.from({ length: 200 }, (_, index) => `${host} ${index}`);
      await Promise.all(sent.map((text) => connection.publish(TOPIC, text, { qos: 1 })));
      await eventually(() => heard.length >= sent.length);
      expect(heard).toEqual(sent);
      await eventually(() => connection.bufferedBytes === 0);
      await connection.stop();
      // Everything was acknowledged: the kept session has nothing left.
      const { connection: again } = connect(broker, session);
      await eventually(() => again.connected);
      await again.publish(TOPIC, 'last', { qos: 1 });
      await eventually(() => heard.length > sent.length);
      expect(heard.slice(sent.length)).toEqual(['last']);
    },
  );

  it('stays open while a message holds it back for longer than the keepalive', async () => {
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let pieces = 0;
    const proxy = await startTcpProxy({
      target: { host: '127.0.0.1', port: broker.tlsPort },
      inspect: (_piece, direction) => {
        if (direction === 'to_target') pieces += 1;
        return 'pass';
      },
    });
    const heard: string[] = [];
    const { connection, lines } = connect(broker, {
      port: proxy.port,
      keepaliveSeconds: 1,
      subscriptions: [{ filter: TOPIC, qos: 1 }],
      onMessage: (message) => {
        heard.push(Buffer.from(message.payload).toString());
        message.acknowledge();
        return heard.length === 1 ? held : undefined;
      },
    });
    await eventually(() => connection.connected);
    const { connection: sender } = connect(broker);
    await eventually(() => sender.connected);
    for (const text of ['holds', 'waits']) await sender.publish(TOPIC, text, { qos: 1 });
    await eventually(() => heard.length === 1);
    const before = pieces;
    // Pings, every half second.
    await eventually(() => pieces >= before + 6);
    expect(heard).toEqual(['holds']);
    letGo();
    await eventually(() => heard.length === 2);
    expect(connection.connected).toBe(true);
    expect(lines.map(({ message }) => message)).toEqual(['mqtt connected']);
    await connection.stop();
    await proxy.stop();
  });

  it('is not made to a broker whose certificate is from another CA', async () => {
    const other = await createTestAuthority('another CA');
    expect(await reasonFor(broker, { tls: { ca: other.cert } })).toMatch(/no CA that is known.*MQTT_CA_FILE/);
    expect(await reasonFor(broker, { tls: {} })).toMatch(/no CA that is known.*MQTT_CA_FILE/);
  });

  it('is not made in clear to the port for TLS, nor with TLS to the port in clear', async () => {
    expect(await reasonFor(broker, { inClear: true })).toEqual(expect.any(String));
    expect(await reasonFor(broker, { port: broker.broker.port })).toEqual(expect.any(String));
  });
});

suite('an MQTT connection to a broker whose certificate is no good', () => {
  it.each([
    ['for another name', { hosts: ['broker.example'] }, /not for the name "localhost".*MQTT_HOST/],
    ['expired', { expiredDaysAgo: 1 }, /has expired: give the broker a new one/],
  ])('is not made: %s', async (_case, certificate, reason) => {
    const broker = await startTlsBroker(certificate);
    expect(await reasonFor(broker)).toMatch(reason);
    await Promise.all(open.splice(0).map((connection) => connection.stop()));
    await broker.broker.stop();
  });
});
