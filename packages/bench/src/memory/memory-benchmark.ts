import { setTimeout as pause } from 'node:timers/promises';
import { type Fleet, scrapeMetrics } from '@infoscreen/test-kit';
import { receivedTelemetry, untilDrained } from '../ingest/until-drained.ts';
import type { BurstKind } from '../load/burst.ts';
import { clientUuids } from '../load/client-uuids.ts';
import { prepareBurst, prepareSteadyLoad } from '../load/load-process.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { startBenchFleet } from '../system/bench-fleet.ts';
import { seedClients } from '../system/seed-clients.ts';

const KINDS: readonly BurstKind[] = ['discovery', 'heartbeat', 'health'];
const TELEMETRY_KINDS = 2;
const LISTENER_MEGABYTES = 200;
const SERVER_MEGABYTES = 250;
const DEADLINE_MS = 600_000;
/** A collection moves a process by some tens of MB, so the level of a while is its smallest reading. */
const READ_EVERY_MS = 1000;
const SERVICES = ['listener', 'server'] as const;

interface Sizes {
  readonly clients: number;
  readonly messagesPerSecond: number;
  readonly seconds: number;
}

const SIZES: Readonly<Record<BenchContext['size'], Sizes>> = {
  full: { clients: 100_000, messagesPerSecond: 3300, seconds: 600 },
  short: { clients: 200, messagesPerSecond: 100, seconds: 5 },
};

export const memoryBenchmark: Benchmark = {
  name: 'memory',
  title:
    'resident memory after the return of 100,000 screens, and over ten minutes of 3,300 messages a second',
  targets: [
    { ratio: `listener after the storm : ${LISTENER_MEGABYTES} MB`, atMost: 1 },
    { ratio: `listener at the end : ${LISTENER_MEGABYTES} MB`, atMost: 1 },
    { ratio: `server at the end : ${SERVER_MEGABYTES} MB`, atMost: 1 },
    { ratio: 'listener, last fifth : second fifth', atMost: 1.1 },
    { ratio: 'server, last fifth : second fifth', atMost: 1.1 },
  ],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const sizes = SIZES[context.size];
  const bench = await startBenchFleet(context);
  const { fleet, burstOrder } = bench;
  const uuids = clientUuids(sizes.clients);
  await seedClients(fleet.database, uuids);
  return {
    run: async () => {
      const burst = await prepareBurst(burstOrder({ clientUuids: uuids, kinds: KINDS, rounds: 1 }));
      const beforeBurst = await receivedTelemetry(fleet);
      await burst.send();
      await burst.stop();
      const messages = sizes.clients * TELEMETRY_KINDS;
      await untilDrained(fleet, beforeBurst, { messages, deadlineMs: DEADLINE_MS });
      const afterStorm = await residentMegabytes(fleet, 'listener');
      const load = await prepareSteadyLoad({
        ...burstOrder({ clientUuids: uuids, kinds: [], rounds: 0 }),
        ...sizes,
        clientUuids: uuids,
        round: 2,
      });
      const readings: Record<(typeof SERVICES)[number], number[]> = { listener: [], server: [] };
      const over = new AbortController();
      const reading = readUntil(over.signal, async () => {
        for (const service of SERVICES) readings[service].push(await residentMegabytes(fleet, service));
      });
      await load.send();
      over.abort();
      await reading;
      await load.stop();
      const listener = levels(readings.listener);
      const server = levels(readings.server);
      return {
        figures: {
          'listener after the storm MB': afterStorm,
          'listener at the end MB': listener.last,
          'listener at most MB': Math.max(...readings.listener),
          'server at the end MB': server.last,
          'server at most MB': Math.max(...readings.server),
        },
        ratios: {
          [`listener after the storm : ${LISTENER_MEGABYTES} MB`]: afterStorm / LISTENER_MEGABYTES,
          [`listener at the end : ${LISTENER_MEGABYTES} MB`]: listener.last / LISTENER_MEGABYTES,
          [`server at the end : ${SERVER_MEGABYTES} MB`]: server.last / SERVER_MEGABYTES,
          'listener, last fifth : second fifth': listener.last / listener.first,
          'server, last fifth : second fifth': server.last / server.first,
        },
      };
    },
  };
}

async function residentMegabytes(fleet: Fleet, service: (typeof SERVICES)[number]): Promise<number> {
  const url = fleet.of(service)[0]?.url ?? '';
  return (await scrapeMetrics(url)).sum('process_resident_memory_bytes') / 1e6;
}

async function readUntil(signal: AbortSignal, read: () => Promise<void>): Promise<void> {
  do {
    await read();
    await pause(READ_EVERY_MS, undefined, { signal }).catch(() => {});
  } while (!signal.aborted);
}

/** Of the second and of the last fifth: in the first one, code is compiled and caches fill. */
function levels(readings: readonly number[]): { readonly first: number; readonly last: number } {
  const fifth = Math.max(1, Math.floor(readings.length / 5));
  const first = readings.length < 2 ? readings : readings.slice(fifth, 2 * fifth);
  return { first: Math.min(...first), last: Math.min(...readings.slice(-fifth)) };
}
