import { deviceTopic } from '@infoscreen/shared-types';
import { publishPacket } from '@infoscreen/test-kit';
import type { BurstOrder, BurstResult } from './burst.ts';
import { burstPayload } from './burst-payload.ts';
import { openLine } from './open-line.ts';

const MAX_MESSAGE_ID = 65_535;
const WRITE_BYTES = 65_536;

/** All that one connection sends, in pieces of about `WRITE_BYTES`. */
interface Packets {
  readonly pieces: readonly Buffer[];
  readonly messages: number;
}

/**
 * Connects, makes every packet, and waits; then sends all of them as fast as the broker reads, at QoS 1. A screen's messages go
 * over one connection, in their order.
 * @param untilGo resolves when it shall begin
 */
export async function sendBurst(order: BurstOrder, untilGo: () => Promise<void>): Promise<BurstResult> {
  // More connections than screens would have nothing to send.
  const count = Math.min(order.connections, order.clientUuids.length);
  const loads = await Promise.all(
    Array.from({ length: count }, async (_, index) => ({
      line: await openLine(order, index),
      packets: packetsOf(
        order,
        order.clientUuids.filter((_uuid, n) => n % count === index),
      ),
    })),
  );
  await untilGo();
  const startedAt = Date.now();
  await Promise.all(loads.map(({ line, packets }) => line.write(packets.pieces, packets.messages)));
  const endedAt = Date.now();
  for (const { line } of loads) line.close();
  return { startedAt, endedAt, messages: loads.reduce((sum, { packets }) => sum + packets.messages, 0) };
}

function packetsOf(order: BurstOrder, own: readonly string[]): Packets {
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
          burstPayload(kind, clientUuid, round, order.comeback),
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
