import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { deviceTopic } from '@infoscreen/shared-types';
import { connectPacket, PUBACK_BYTES, publishPacket } from '@infoscreen/test-kit';
import type { BurstOrder, BurstResult } from './burst.ts';
import { burstPayload } from './burst-payload.ts';

const MAX_MESSAGE_ID = 65_535;
const WRITE_BYTES = 65_536;
const CONNACK_BYTES = 4;

interface Line {
  readonly socket: Socket;
  /** All that it sends, in pieces of about `WRITE_BYTES`. */
  readonly pieces: readonly Buffer[];
  readonly messages: number;
}

/**
 * Connects, makes every packet, and waits; then sends all of them as fast as the broker reads, at QoS 1. A screen's messages go
 * over one connection, in their order.
 * @param untilGo resolves when it shall begin
 */
export async function sendBurst(order: BurstOrder, untilGo: () => Promise<void>): Promise<BurstResult> {
  const lines = await Promise.all(
    // More connections than screens would have nothing to send.
    Array.from({ length: Math.min(order.connections, order.clientUuids.length) }, async (_, index) => ({
      socket: await openSocket(order, index),
      ...packetsOf(order, index),
    })),
  );
  await untilGo();
  const startedAt = Date.now();
  await Promise.all(lines.map(send));
  const endedAt = Date.now();
  for (const { socket } of lines) socket.destroy();
  return { startedAt, endedAt, messages: lines.reduce((sum, { messages }) => sum + messages, 0) };
}

async function openSocket({ host, port, username, password }: BurstOrder, index: number): Promise<Socket> {
  const socket = connect(port, host);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  socket.write(connectPacket(username, password, `${username}-${index}`));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer[0] !== 0x20 || answer[3] !== 0 || answer.length !== CONNACK_BYTES)
    throw new Error(`the broker answered ${answer.toString('hex')}`);
  return socket;
}

function packetsOf(order: BurstOrder, index: number): Pick<Line, 'pieces' | 'messages'> {
  const own = order.clientUuids.filter(
    (_, n) => n % Math.min(order.connections, order.clientUuids.length) === index,
  );
  const pieces: Buffer[] = [];
  let open: Buffer[] = [];
  let openBytes = 0;
  let messages = 0;
  const close = () => {
    if (openBytes > 0) pieces.push(Buffer.concat(open));
    open = [];
    openBytes = 0;
  };
  const { firstRound = 1 } = order;
  for (let round = firstRound; round < firstRound + order.rounds; round += 1) {
    for (const clientUuid of own) {
      for (const kind of order.kinds) {
        const id = (messages % MAX_MESSAGE_ID) + 1;
        const packet = publishPacket(
          deviceTopic(clientUuid, kind),
          burstPayload(kind, clientUuid, round),
          1,
          id,
        );
        open.push(packet);
        openBytes += packet.length;
        messages += 1;
        if (openBytes >= WRITE_BYTES) close();
      }
    }
  }
  close();
  return { pieces, messages };
}

/** Resolves when the broker has acknowledged everything. @throws when it ends the connection before */
function send({ socket, pieces, messages }: Line): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = messages * PUBACK_BYTES;
    socket.on('data', (bytes: Buffer) => {
      missing -= bytes.length;
      if (missing <= 0) resolve();
    });
    socket.on('error', reject);
    socket.on('close', () =>
      reject(new Error(`the broker ended a connection, ${missing} bytes before the end`)),
    );
    const rest = pieces.values();
    const write = () => {
      for (const piece of rest) {
        if (socket.write(piece)) continue;
        socket.once('drain', write);
        return;
      }
    };
    write();
  });
}
