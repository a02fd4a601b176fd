import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createMqttConnection, type ReceivedMessage } from '@infoscreen/service-kit';
import { eventually, publishPacket } from '@infoscreen/test-kit';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createRecordingLogger } from './recording-logger.ts';

const CONNACK = Buffer.from([0x20, 2, 0, 0]);
/** More than one read of the network takes, so that the next one follows in the same turn. */
const MANY = 1000;
const LARGE = 'x'.repeat(1000);

describe('the time at which a message was received', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  it('is never before it was sent, however long those before it took in the same turn', async () => {
    let broker: Socket | undefined;
    const server = createServer((socket) => {
      broker = socket;
      socket.on('data', (bytes) => {
        if (bytes[0] === 0x10) socket.write(CONNACK);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    const received: ReceivedMessage[] = [];
    let sentAtMs = 0;
    const connection = createMqttConnection({
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      username: 'reader',
      password: 'secret',
      clientId: 'reader',
      clean: true,
      logger: createRecordingLogger(),
      onMessage: (message) => {
        received.push(message);
        if (received.length !== MANY / 2) return;
        const startedAtMs = Date.now();
        while (Date.now() < startedAtMs + 30);
        sentAtMs = Date.now();
        broker?.write(publishPacket('late', '{}', 0, 0));
      },
    });
    ends.push(() => connection.stop());
    connection.start();
    await eventually(() => connection.connected);
    const early = Array.from({ length: MANY }, () => publishPacket('early', LARGE, 0, 0));
    broker?.write(Buffer.concat(early));
    await eventually(() => received.length === MANY + 1);
    const last = received.at(-1);
    expect(last?.topic).toBe('late');
    expect(last?.receivedAt.getTime()).toBeGreaterThanOrEqual(sentAtMs);
  });
});
