import { scrapeMetrics } from '@infoscreen/test-kit';
import { receivedTelemetry, untilDrained } from '../ingest/until-drained.ts';
import { clientUuids } from '../load/client-uuids.ts';
import { prepareSteadyLoad } from '../load/load-process.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { type BenchFleet, startBenchFleet } from '../system/bench-fleet.ts';
import { cpuSecondsOfTree } from '../system/process-cpu.ts';
import { seedClients } from '../system/seed-clients.ts';

const DEADLINE_MS = 120_000;

interface Sizes {
  readonly few: number;
  readonly many: number;
  readonly messagesPerSecond: number;
  readonly seconds: number;
}

const SIZES: Readonly<Record<BenchContext['size'], Sizes>> = {
  full: { few: 1000, many: 100_000, messagesPerSecond: 3300, seconds: 30 },
  short: { few: 50, many: 200, messagesPerSecond: 100, seconds: 2 },
};

export const telemetryGrowthBenchmark: Benchmark = {
  name: 'telemetry-growth',
  title:
    'processor time of listener and PostgreSQL per message at 3,300 a second, of 100,000 clients against 1,000',
  targets: [{ ratio: '100,000 clients : 1,000 clients', atMost: 1.3 }],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const sizes = SIZES[context.size];
  const bench = await startBenchFleet(context);
  const uuids = clientUuids(sizes.many);
  const few = uuids.slice(0, sizes.few);
  await seedClients(bench.fleet.database, few);
  const ofFew: number[] = [];
  // Before the others are there; a run later compares with all of these.
  for (let run = 0; run < 2; run += 1) ofFew.push(await costOf(bench, few, sizes));
  await seedClients(bench.fleet.database, uuids.slice(sizes.few));
  const before = Math.min(...ofFew);
  return {
    run: async () => {
      const ofMany = await costOf(bench, uuids, sizes);
      return {
        figures: { '1,000 clients µs/message': before, '100,000 clients µs/message': ofMany },
        ratios: { '100,000 clients : 1,000 clients': ofMany / before },
      };
    },
  };
}

/** Microseconds of processor time per message. */
async function costOf(bench: BenchFleet, uuids: readonly string[], sizes: Sizes): Promise<number> {
  const { fleet, burstOrder } = bench;
  const load = await prepareSteadyLoad({
    ...burstOrder({ clientUuids: uuids, kinds: [], rounds: 0 }),
    ...sizes,
    clientUuids: uuids,
    round: 1,
  });
  try {
    const received = await receivedTelemetry(fleet);
    const before = await cpuSeconds(bench);
    const { messages } = await load.send();
    await untilDrained(fleet, received, { messages, deadlineMs: DEADLINE_MS });
    return (((await cpuSeconds(bench)) - before) * 1e6) / messages;
  } finally {
    await load.stop();
  }
}

async function cpuSeconds({ fleet }: BenchFleet): Promise<number> {
  const url = fleet.of('listener')[0]?.url ?? '';
  const listener = (await scrapeMetrics(url)).sum('process_cpu_seconds_total');
  const [postmaster] = await fleet.database.asOwner<{ pid: number }>(
    `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`,
  );
  return listener + cpuSecondsOfTree(postmaster?.pid ?? 0);
}
