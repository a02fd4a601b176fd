import { receivedTelemetry } from '../ingest/until-drained.ts';
import { runSubscriber } from '../limits/run-subscriber.ts';
import type { BurstKind } from '../load/burst.ts';
import { clientUuids } from '../load/client-uuids.ts';
import { prepareBurst } from '../load/load-process.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { quantile } from '../run/spread.ts';
import { type BenchFleet, startBenchFleet } from '../system/bench-fleet.ts';
import { startLimitBroker } from '../system/limit-broker.ts';
import { untilFlowing } from '../system/listeners.ts';
import { seedClients } from '../system/seed-clients.ts';
import { connectQuietScreens, type QuietScreens } from './quiet-screens.ts';
import { untilReturned } from './until-returned.ts';

const KINDS: readonly BurstKind[] = ['discovery', 'heartbeat', 'health'];
const FEWER_SCREENS = 10_000;
const SHORT_SCREENS = 300;
const QUIET_SCREENS = 4;
const DEADLINE_MS = 180_000;
/** What an ACK may take, whatever else goes on. */
const ACK_MS = 1000;

/** @param screens that come back at once, as after a power cut: each with a new boot and another address */
export function returnBenchmark(name: string, screens: number): Benchmark {
  return {
    name,
    ...(screens === FEWER_SCREENS ? {} : { variantOf: `return-${FEWER_SCREENS}` }),
    title: `${screens} screens come back at once (discovery, heartbeat, health), until all is visible, against a subscriber that only parses and acknowledges`,
    targets: [
      { ratio: 'time : bare subscriber', atMost: 2 },
      { ratio: 'ACK p99 : 1 s', atMost: 1 },
    ],
    prepare: (context) => prepare(context, context.size === 'full' ? screens : SHORT_SCREENS),
  };
}

async function prepare(context: BenchContext, screens: number): Promise<PreparedBenchmark> {
  const bench = await startBenchFleet(context, { settings: { LOCKOUT_MAX_COMMANDS: '1000' } });
  const limit = await startLimitBroker(context);
  const all = clientUuids(screens + QUIET_SCREENS);
  const uuids = all.slice(0, screens);
  await seedClients(bench.fleet.database, all);
  await untilFlowing(bench.fleet);
  const { username, password } = bench.burstOrder({ clientUuids: [], kinds: [], rounds: 0 });
  const quiet = await connectQuietScreens(bench.fleet, all.slice(screens), { username, password });
  let comeback = 0;
  return {
    run: async () => {
      comeback += 1;
      const ours = await measureReturn(bench, { uuids, comeback, quiet });
      const bare = await runSubscriber(
        'bare',
        limit.burstOrder({ clientUuids: uuids, kinds: KINDS, rounds: 1, comeback }),
        limit.subscriberOrder(KINDS, screens * KINDS.length),
      );
      const acks = ours.ackMs.toSorted((a, b) => a - b);
      return {
        figures: {
          'all visible after s': ours.seconds,
          'bare subscriber s': bare.seconds,
          'ACKs meanwhile': acks.length,
          'ACK p50 ms': quantile(acks, 0.5),
          'ACK p99 ms': quantile(acks, 0.99),
          'ACK max ms': quantile(acks, 1),
        },
        ratios: {
          'time : bare subscriber': ours.seconds / bare.seconds,
          'ACK p99 : 1 s': quantile(acks, 0.99) / ACK_MS,
        },
      };
    },
  };
}

interface Return {
  readonly uuids: readonly string[];
  readonly comeback: number;
  readonly quiet: QuietScreens;
}

async function measureReturn(bench: BenchFleet, { uuids, comeback, quiet }: Return) {
  const burst = await prepareBurst(
    bench.burstOrder({ clientUuids: uuids, kinds: KINDS, rounds: 1, firstRound: comeback, comeback }),
  );
  try {
    const before = (await receivedTelemetry(bench.fleet)).received;
    quiet.start();
    const visible = untilReturned(bench.fleet.database, {
      clients: uuids.length,
      comeback,
      since: new Date(),
      deadlineMs: DEADLINE_MS,
    });
    const returned = await Promise.all([burst.send(), visible]).catch(async (error: unknown) => {
      await quiet.stop().catch(() => {});
      const said = bench.fleet.of('listener').flatMap(({ process }) => process.logs.slice(-20));
      throw new Error(`not everything came back; the listeners said:\n${said.join('\n')}`, { cause: error });
    });
    const [{ startedAt }, visibleAt] = returned;
    const ackMs = await quiet.stop();
    // A heartbeat leaves nothing that the health report after it doesn't leave too, so the listener's own count has to do.
    const received = (await receivedTelemetry(bench.fleet)).received - before;
    if (received < 2 * uuids.length)
      throw new Error(`of ${2 * uuids.length} heartbeats and health reports, ${received} were received`);
    return { seconds: (visibleAt - startedAt) / 1000, ackMs };
  } finally {
    await burst.stop();
  }
}
