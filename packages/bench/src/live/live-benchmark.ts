import { setTimeout as pause } from 'node:timers/promises';
import { deviceTopic } from '@infoscreen/shared-types';
import { publishPacket } from '@infoscreen/test-kit';
import { receivedTelemetry, untilDrained } from '../ingest/until-drained.ts';
import { bootOf, clientUuids } from '../load/client-uuids.ts';
import { prepareSteadyLoad, untilResult } from '../load/load-process.ts';
import { type Line, openLine } from '../load/open-line.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { quantile } from '../run/spread.ts';
import { type BenchFleet, startBenchFleet } from '../system/bench-fleet.ts';
import { seedClients } from '../system/seed-clients.ts';
import { startProgram } from '../system/start-program.ts';
import { openSessions } from './open-sessions.ts';
import { pageDelays, type Toggle } from './page-delays.ts';
import type { PagesOrder, Sighting } from './pages-order.ts';

const TOGGLE_EVERY_MS = 2000;
const DEADLINE_MS = 60_000;
/** The server gives each user ten streams. */
const PAGES_PER_USER = 10;

interface Sizes {
  readonly clients: number;
  readonly pages: number;
  readonly messagesPerSecond: number;
  readonly seconds: number;
}

const SIZES: Readonly<Record<BenchContext['size'], Sizes>> = {
  full: { clients: 10_000, pages: 200, messagesPerSecond: 3300, seconds: 30 },
  short: { clients: 100, pages: 10, messagesPerSecond: 100, seconds: 3 },
};

export const liveBenchmark: Benchmark = {
  name: 'live',
  title:
    '3,300 messages a second stored with 200 open pages, against the same load without; and how soon a page shows a crash',
  targets: [
    { ratio: 'with pages : without pages', atLeast: 0.95 },
    { ratio: 'page p95 : 1 s', atMost: 1 },
  ],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const sizes = SIZES[context.size];
  const bench = await startBenchFleet(context);
  const [probe = '', ...uuids] = clientUuids(sizes.clients + 1);
  await seedClients(bench.fleet.database, [probe, ...uuids]);
  const cookies = await openSessions(bench.fleet, Math.ceil(sizes.pages / PAGES_PER_USER));
  const serverUrl = bench.fleet.of('server')[0]?.url ?? '';
  let round = 0;
  const storedPerSecond = async () => {
    round += 1;
    return await measureLoad(bench, { ...sizes, clientUuids: uuids, round });
  };
  return {
    run: async () => {
      const without = await storedPerSecond();
      const order: PagesOrder = { serverUrl, cookies, pages: sizes.pages, probe };
      const pages = await startProgram('live/pages-main', order);
      try {
        const [withPages, toggles] = await Promise.all([
          storedPerSecond(),
          toggle(bench, probe, Math.floor((sizes.seconds * 1000) / TOGGLE_EVERY_MS)),
        ]);
        const endedAt = Date.now();
        await pages.process.kill('SIGUSR2');
        const sightings = (await untilResult(pages.process, 'sightings', DEADLINE_MS)) as Sighting[];
        const delays = pageDelays(toggles, sightings, { pages: sizes.pages, endedAt }).sort((a, b) => a - b);
        return {
          figures: {
            'without pages messages/s': without,
            'with pages messages/s': withPages,
            'page p50 ms': quantile(delays, 0.5),
            'page p95 ms': quantile(delays, 0.95),
          },
          ratios: {
            'with pages : without pages': withPages / without,
            'page p95 : 1 s': quantile(delays, 0.95) / 1000,
          },
        };
      } finally {
        await pages.stop();
      }
    },
  };
}

/** @returns messages per second, from the first one's departure until all are stored */
async function measureLoad(
  { fleet, burstOrder }: BenchFleet,
  order: Pick<Sizes, 'messagesPerSecond' | 'seconds'> & {
    readonly clientUuids: readonly string[];
    readonly round: number;
  },
): Promise<number> {
  const load = await prepareSteadyLoad({
    ...burstOrder({ ...order, kinds: [], rounds: 0 }),
    ...order,
  });
  try {
    const before = await receivedTelemetry(fleet);
    const { startedAt, messages } = await load.send();
    const storedAt = await untilDrained(fleet, before, { messages, deadlineMs: DEADLINE_MS });
    return messages / ((storedAt - startedAt) / 1000);
  } finally {
    await load.stop();
  }
}

/** Lets the probe crash and recover in turn, `times` in all. */
async function toggle({ burstOrder }: BenchFleet, probe: string, times: number): Promise<readonly Toggle[]> {
  // Another connection than those of the load.
  const line = await openLine(burstOrder({ clientUuids: [], kinds: [], rounds: 0 }), -1);
  const toggles: Toggle[] = [];
  for (let index = 0; index < times; index += 1) {
    const isCrashed = index % 2 === 0;
    toggles.push({ isCrashed, at: Date.now() });
    report(line, probe, isCrashed ? 'crashed' : 'running');
    await line.untilAcknowledged();
    await pause(TOGGLE_EVERY_MS);
  }
  // The next run begins with a screen that is well.
  report(line, probe, 'running');
  await line.untilAcknowledged();
  line.close();
  return toggles;
}

function report(line: Line, probe: string, processStatus: string): void {
  const payload = JSON.stringify({ process_status: processStatus, boot_id: bootOf(probe) });
  line.publish((id) => publishPacket(deviceTopic(probe, 'heartbeat'), payload, 1, id));
}
