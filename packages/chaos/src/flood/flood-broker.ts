import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { deviceTopic } from '@infoscreen/shared-types';
import { connectPacket, PUBACK_BYTES, publishPacket } from '@infoscreen/test-kit';
import { FLOOD_KINDS, type FloodName } from './flood-kinds.ts';

export interface FloodOrder {
  readonly host: string;
  readonly port: number;
  readonly uuid: string;
  readonly password: string;
  readonly kind: FloodName;
  readonly seconds: number;
  /** It ends sooner when it has sent so much. */
  readonly maxMegabytes?: number;
}

export interface FloodResult {
  readonly sent: number;
  /** Acknowledged by the broker; at QoS 0, what was sent. */
  readonly taken: number;
  /** When the broker cut it, in ms from its beginning; null where it could send to the end. */
  readonly cutAfterMs: number | null;
}

const CONNACK_BYTES = 4;
/** Written at once. */
const BATCH_BYTES = 65_536;
const LOOK_EVERY_MS = 500;
const QUIET_LOOKS = 10;

/**
 * Sends as fast as the broker reads, without a look at what it answers, until its time is over or the broker cuts it.
 * @throws when the broker refuses the account
 */
export async function floodBroker(order: FloodOrder): Promise<FloodResult> {
  const { topic, qos, payload } = FLOOD_KINDS[order.kind];
  const socket = connect(order.port, order.host);
  await once(socket, 'connect');
  socket.write(connectPacket(order.uuid, order.password));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer[0] !== 0x20 || answer[3] !== 0) throw new Error(`the broker answered ${answer.toString('hex')}`);
  let received = answer.length - CONNACK_BYTES;
  const startedAt = performance.now();
  let cutAt: number | undefined;
  const cut = new Promise<void>((resolve) => {
    const end = () => {
      cutAt ??= performance.now();
      socket.destroy();
      resolve();
    };
    for (const event of ['error', 'end', 'close']) socket.on(event, end);
  });
  socket.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  const one = publishPacket(deviceTopic(order.uuid, topic), payload(), qos, 1);
  const perBatch = Math.max(1, Math.floor(BATCH_BYTES / one.length));
  // The same bytes over and over: ids may be used again, for the broker answers each at once.
  const batch = Buffer.concat(
    Array.from({ length: perBatch }, (_, n) =>
      publishPacket(deviceTopic(order.uuid, topic), payload(), qos, n + 1),
    ),
  );
  const endAt = performance.now() + order.seconds * 1000;
  const maxSent = ((order.maxMegabytes ?? Number.POSITIVE_INFINITY) * 1e6) / one.length;
  let sent = 0;
  while (performance.now() < endAt && sent < maxSent && !socket.destroyed) {
    sent += perBatch;
    if (!socket.write(batch)) await Promise.race([drained(socket), cut]);
  }
  const isAnswered = () => qos === 0 || received >= sent * PUBACK_BYTES;
  await untilQuiet(socket, isAnswered, () => received);
  const cutAfterMs = cutAt === undefined ? null : Math.round(cutAt - startedAt);
  socket.destroy();
  return { sent, taken: qos === 0 ? sent : Math.floor(received / PUBACK_BYTES), cutAfterMs };
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', () => resolve());
  });
}

/** Until the broker has read all that was written and answered it, or says nothing any more. */
async function untilQuiet(socket: Socket, isAnswered: () => boolean, received: () => number): Promise<void> {
  let before = -1;
  for (
    let quiet = 0;
    quiet < QUIET_LOOKS && !socket.destroyed && !(socket.writableLength === 0 && isAnswered());
  ) {
    quiet = socket.writableLength === 0 && received() === before ? quiet + 1 : 0;
    before = received();
    await pause(LOOK_EVERY_MS);
  }
}
