import { openHttpLine } from '../load/http-line.ts';
import { commandsPerSecond } from '../load/post-commands.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { quantile } from '../run/spread.ts';
import { type CommandFleet, startCommandFleet } from '../system/command-fleet.ts';
import { oneCommand } from '../system/one-command.ts';
import { seedOldCommands } from './seed-old-commands.ts';

const AT_ONCE = 64;
/** Of latency and rate by turns, so that small and large meet the same moments of the machine. */
const TURNS = 4;

interface Sizes {
  readonly small: { readonly clients: number; readonly old: number };
  readonly large: { readonly clients: number; readonly old: number };
  /** Of each turn: one at a time, and together. */
  readonly single: number;
  readonly together: number;
}

const SIZES: Readonly<Record<BenchContext['size'], Sizes>> = {
  full: {
    small: { clients: 1000, old: 10_000 },
    large: { clients: 100_000, old: 2_000_000 },
    single: 60,
    together: 600,
  },
  short: { small: { clients: 20, old: 50 }, large: { clients: 100, old: 500 }, single: 3, together: 20 },
};

export const commandGrowthBenchmark: Benchmark = {
  name: 'command-growth',
  variantOf: 'command-rate',
  title:
    'a command, and commands per second, with 100,000 clients and 2,000,000 old commands, against 1,000 clients and 10,000',
  targets: [
    { ratio: 'latency, large : small', atMost: 1.3 },
    { ratio: 'time per command at full rate, large : small', atMost: 1.3 },
  ],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const sizes = SIZES[context.size];
  const small = await startFilled(context, sizes.small);
  const large = await startFilled(context, sizes.large);
  for (const system of [small, large]) await measure(system, sizes);
  return {
    run: async () => {
      const times = { small: emptyTimes(), large: emptyTimes() };
      for (let turn = 0; turn < TURNS; turn += 1) {
        for (const [name, system] of [['small', small] as const, ['large', large] as const]) {
          const { single, perCommand } = await measure(system, sizes);
          times[name].single.push(...single);
          times[name].perCommand.push(perCommand);
        }
      }
      const median = (values: readonly number[]) =>
        quantile(
          values.toSorted((a, b) => a - b),
          0.5,
        );
      const latency = { small: median(times.small.single), large: median(times.large.single) };
      const each = { small: median(times.small.perCommand), large: median(times.large.perCommand) };
      return {
        figures: {
          'small: command p50 ms': latency.small,
          'large: command p50 ms': latency.large,
          'small: commands/s': 1000 / each.small,
          'large: commands/s': 1000 / each.large,
        },
        ratios: {
          'latency, large : small': latency.large / latency.small,
          'time per command at full rate, large : small': each.large / each.small,
        },
      };
    },
  };
}

const emptyTimes = (): { single: number[]; perCommand: number[] } => ({ single: [], perCommand: [] });

async function startFilled(
  context: BenchContext,
  { clients, old }: { readonly clients: number; readonly old: number },
): Promise<CommandFleet> {
  const system = await startCommandFleet(context, { screens: clients });
  const startedAt = performance.now();
  await seedOldCommands(system.fleet.database, system.uuids, old);
  context.progress(`${old} old commands in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  return system;
}

/** Times in ms: of each command that was asked for by itself, and per command where many are under way. */
async function measure(system: CommandFleet, { single, together }: Pick<Sizes, 'single' | 'together'>) {
  const line = await openHttpLine(system.fleet.of('server')[0]?.url ?? '');
  try {
    const times: number[] = [];
    for (let n = 0; n < single; n += 1) {
      const uuid = system.uuids[(n * 31) % system.uuids.length] ?? '';
      times.push((await oneCommand({ line, cookie: system.cookie, uuid })).ms);
    }
    const perSecond = await commandsPerSecond(system, { commands: together, atOnce: AT_ONCE });
    return { single: times, perCommand: 1000 / perSecond };
  } finally {
    line.close();
  }
}
