import { setTimeout as pause } from 'node:timers/promises';
import { deviceTopic } from '@infoscreen/shared-types';
import { publishPacket } from '@infoscreen/test-kit';
import { burstPayload } from './burst-payload.ts';
import { openLine } from './open-line.ts';
import type { SteadyOrder, SteadyResult } from './steady-load.ts';

const TICK_MS = 20;
const KINDS = ['heartbeat', 'health'] as const;

/**
 * Sends at the order's pace, whatever the broker does: what a tick came too late for is made up in the next one. A screen's
 * messages go over one connection.
 * @param untilGo resolves when it shall begin
 */
export async function sendSteadily(order: SteadyOrder, untilGo: () => Promise<void>): Promise<SteadyResult> {
  const { clientUuids, messagesPerSecond, seconds, round } = order;
  const count = Math.min(order.connections, clientUuids.length);
  const lines = await Promise.all(Array.from({ length: count }, (_, index) => openLine(order, index)));
  await untilGo();
  const startedAt = Date.now();
  const total = messagesPerSecond * seconds;
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((Date.now() - startedAt) / 1000) * messagesPerSecond));
    for (; sent < due; sent += 1) {
      // Both kinds of one screen, then of the next.
      const nth = Math.floor(sent / KINDS.length) % clientUuids.length;
      const clientUuid = clientUuids[nth] ?? '';
      const kind = KINDS[sent % KINDS.length] ?? 'heartbeat';
      lines[nth % count]?.publish((id) =>
        publishPacket(deviceTopic(clientUuid, kind), burstPayload(kind, clientUuid, round), 1, id),
      );
    }
    await pause(TICK_MS);
  }
  await Promise.all(lines.map((line) => line.untilAcknowledged()));
  const endedAt = Date.now();
  for (const line of lines) line.close();
  return { startedAt, endedAt, messages: total };
}
