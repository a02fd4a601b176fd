import type { BurstOrder } from '../load/burst.ts';
import { prepareBurst } from '../load/load-process.ts';
import type { BenchFleet } from '../system/bench-fleet.ts';
import { untilStored } from './until-stored.ts';

const DEADLINE_MS = 180_000;

/**
 * One burst into the listeners, heartbeats and health reports.
 * @returns messages per second, from the first one's departure until all are stored
 */
export async function measureListener(
  bench: BenchFleet,
  order: Pick<BurstOrder, 'clientUuids' | 'kinds' | 'rounds'> & { readonly firstRound: number },
): Promise<number> {
  const burst = await prepareBurst(bench.burstOrder(order));
  try {
    const stored = untilStored(bench.fleet.database, {
      clients: order.clientUuids.length,
      round: order.firstRound + order.rounds - 1,
      deadlineMs: DEADLINE_MS,
    });
    const [{ startedAt, messages }, storedAt] = await Promise.all([burst.send(), stored]);
    return messages / ((storedAt - startedAt) / 1000);
  } finally {
    await burst.stop();
  }
}
