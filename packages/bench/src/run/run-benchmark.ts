import type { BenchContext, Benchmark, BenchSize, RunFigures, Target } from './benchmark.ts';
import { type Spread, spreadOf } from './spread.ts';

export interface TargetVerdict extends Target {
  /** The median of the runs. */
  readonly median: number;
  readonly isReached: boolean;
}

export interface BenchmarkResult {
  readonly name: string;
  readonly title: string;
  readonly runs: number;
  readonly figures: Readonly<Record<string, Spread>>;
  readonly ratios: Readonly<Record<string, Spread>>;
  readonly targets: readonly TargetVerdict[];
}

export interface RunPlan {
  readonly runs: number;
  readonly size: BenchSize;
  readonly onProgress: (line: string) => void;
}

/** Needs the database server of a test run. @throws what the benchmark throws, and where it has no form of that size */
export async function runBenchmark(benchmark: Benchmark, plan: RunPlan): Promise<BenchmarkResult> {
  if (plan.size === 'short' && benchmark.fullOnly !== undefined)
    throw new Error(`${benchmark.name} has no short form: ${benchmark.fullOnly}`);
  const ends: (() => Promise<unknown>)[] = [];
  const progress: BenchContext['progress'] = (line) => plan.onProgress(`${benchmark.name}: ${line}`);
  try {
    const { run } = await benchmark.prepare({
      size: plan.size,
      progress,
      atEnd: (end) => ends.push(end),
    });
    const runs: RunFigures[] = [];
    for (let index = 1; index <= plan.runs; index += 1) {
      runs.push(await run());
      progress(`run ${index} of ${plan.runs}: ${ratioLine(runs.at(-1))}`);
    }
    return resultOf(benchmark, runs);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

function ratioLine(run: RunFigures | undefined): string {
  return Object.entries(run?.ratios ?? {})
    .map(([name, ratio]) => `${name} ${ratio.toFixed(2)}`)
    .join(', ');
}

/** Pure. @throws when a target names a ratio that no run has */
export function resultOf(
  { name, title, targets }: Pick<Benchmark, 'name' | 'title' | 'targets'>,
  runs: readonly RunFigures[],
): BenchmarkResult {
  const ratios = spreads(runs.map((run) => run.ratios));
  return {
    name,
    title,
    runs: runs.length,
    figures: spreads(runs.map((run) => run.figures)),
    ratios,
    targets: targets.map((target) => {
      const spread = ratios[target.ratio];
      if (spread === undefined) throw new Error(`${name}: no run has the ratio "${target.ratio}"`);
      const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = target;
      return {
        ...target,
        median: spread.median,
        isReached: spread.median >= atLeast && spread.median <= atMost,
      };
    }),
  };
}

function spreads(runs: readonly Readonly<Record<string, number>>[]): Record<string, Spread> {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  return Object.fromEntries(
    names.map((name) => [
      name,
      spreadOf(runs.flatMap((run) => (run[name] === undefined ? [] : [run[name]]))),
    ]),
  );
}
