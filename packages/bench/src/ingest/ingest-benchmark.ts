import { runSubscriber } from '../limits/run-subscriber.ts';
import type { BurstKind } from '../load/burst.ts';
import { clientUuids } from '../load/client-uuids.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { startBenchFleet } from '../system/bench-fleet.ts';
import { restartListeners, stopListeners } from '../system/listeners.ts';
import { seedClients } from '../system/seed-clients.ts';
import { measureListener } from './measure-listener.ts';

const KINDS: readonly BurstKind[] = ['heartbeat', 'health'];

interface Sizes {
  readonly clients: number;
  readonly rounds: number;
  /** Messages for the program that does one Prisma update for each. */
  readonly prismaMessages: number;
}

const SIZES: Readonly<Record<BenchContext['size'], Sizes>> = {
  full: { clients: 10_000, rounds: 5, prismaMessages: 5000 },
  short: { clients: 200, rounds: 2, prismaMessages: 100 },
};

export function ingestBenchmark(name: string, listeners: number): Benchmark {
  return {
    name,
    ...(listeners === 1 ? {} : { variantOf: 'ingest' }),
    title: `heartbeats and health reports at QoS 1 into ${listeners} listener${listeners === 1 ? '' : 's'}, stored, against a subscriber that only parses and acknowledges`,
    targets: [
      { ratio: 'listener : bare subscriber', atLeast: 0.8 },
      { ratio: 'listener : one Prisma update per message', atLeast: 20 },
    ],
    prepare: (context) => prepare(context, listeners),
  };
}

async function prepare(context: BenchContext, listeners: number): Promise<PreparedBenchmark> {
  const sizes = SIZES[context.size];
  const bench = await startBenchFleet(context, { replicas: { listener: listeners } });
  const uuids = clientUuids(sizes.clients);
  await seedClients(bench.fleet.database, uuids);
  let round = 0;
  return {
    run: async () => {
      const ours = await measureListener(bench, {
        clientUuids: uuids,
        kinds: KINDS,
        firstRound: round + 1,
        rounds: sizes.rounds,
      });
      round += sizes.rounds;
      await stopListeners(bench.fleet);
      const messages = sizes.clients * sizes.rounds * KINDS.length;
      const burst = bench.burstOrder({ clientUuids: uuids, kinds: KINDS, rounds: sizes.rounds });
      const bare = await runSubscriber('bare', burst, bench.subscriberOrder(KINDS, messages));
      const few = uuids.slice(0, sizes.prismaMessages / KINDS.length);
      const prisma = await runSubscriber(
        'prisma',
        bench.burstOrder({ clientUuids: few, kinds: KINDS, rounds: 1 }),
        bench.subscriberOrder(KINDS, sizes.prismaMessages),
      );
      await restartListeners(bench.fleet);
      return {
        figures: {
          'listener messages/s': ours,
          'bare subscriber messages/s': bare.messagesPerSecond,
          'one Prisma update per message, messages/s': prisma.messagesPerSecond,
        },
        ratios: {
          'listener : bare subscriber': ours / bare.messagesPerSecond,
          'listener : one Prisma update per message': ours / prisma.messagesPerSecond,
        },
      };
    },
  };
}
