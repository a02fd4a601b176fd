import { queueJobsPerSecond } from '../limits/run-queue.ts';
import { commandsPerSecond } from '../load/post-commands.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { startCommandFleet } from '../system/command-fleet.ts';

/** Requests under way; graphile-worker's own figure is with ten that add. */
const AT_ONCE = 128;
const SERVERS = 2;

interface Sizes {
  readonly screens: number;
  readonly commands: number;
  readonly warmUp: number;
  /** For pg-boss, which takes a hundred every half second. */
  readonly bossJobs: number;
}

const SIZES: Readonly<Record<BenchContext['size'], Sizes>> = {
  full: { screens: 1000, commands: 5000, warmUp: 1000, bossJobs: 1000 },
  short: { screens: 20, commands: 60, warmUp: 20, bossJobs: 20 },
};

export const commandRateBenchmark: Benchmark = {
  name: 'command-rate',
  title: `restart_app, each by a request of its own, ${AT_ONCE} requests at a time to ${SERVERS} servers, until completed, against jobs of graphile-worker that do nothing, added one by one`,
  targets: [{ ratio: 'commands : graphile-worker', atLeast: 1 }],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const { screens, commands, warmUp, bossJobs } = SIZES[context.size];
  const system = await startCommandFleet(context, { screens, replicas: { server: SERVERS } });
  await commandsPerSecond(system, { commands: warmUp, atOnce: AT_ONCE });
  return {
    run: async () => {
      const ours = await commandsPerSecond(system, { commands, atOnce: AT_ONCE });
      const graphile = await queueJobsPerSecond('graphile-worker', { jobs: commands, warmUpJobs: warmUp });
      const boss = await queueJobsPerSecond('pg-boss', { jobs: bossJobs, warmUpJobs: warmUp / 10 });
      return {
        figures: {
          'commands/s': ours,
          'graphile-worker jobs/s': graphile,
          'pg-boss jobs/s': boss,
        },
        ratios: {
          'commands : graphile-worker': ours / graphile,
          'commands : pg-boss': ours / boss,
        },
      };
    },
  };
}
