import type { BurstOrder } from '../load/burst.ts';
import { prepareBurst } from '../load/load-process.ts';
import type { BenchFleet } from '../system/bench-fleet.ts';
import { untilStored } from './until-stored.ts';

const DEADLINE_MS = 180_000;
const LOG_LINES = 40;

/**
 * One burst into the listeners, heartbeats and health reports.
 * @returns messages per second, from the first one's departure until all are stored
 * @throws with the listeners' warnings when they don't store all
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
  } catch (cause) {
    const logs = bench.fleet.of('listener').flatMap(({ process }) => process.logs.slice(-LOG_LINES));
    throw new Error(`the listener did not store all:\n${logs.join('\n')}`, { cause });
  } finally {
    await burst.stop();
  }
}
