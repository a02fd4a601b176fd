import { parseArgs } from 'node:util';
import type { Benchmark, BenchSize } from './benchmark.ts';

export interface BenchOptions {
  readonly benchmarks: readonly Benchmark[];
  /** Those of all that have no short form, where that is asked for. */
  readonly leftOut: readonly Benchmark[];
  readonly runs: number;
  readonly size: BenchSize;
  /** Where the report is written as JSON; nowhere when left out. */
  readonly jsonFile: string | undefined;
}

const MAX_RUNS = 20;
const DEFAULT_RUNS = 3;

/** @throws one sentence that says which argument is wrong */
export function parseBenchArguments(args: readonly string[], all: readonly Benchmark[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      runs: { type: 'string' },
      short: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const wanted = values.only?.split(',').map((name) => named(name, all));
  const isLeftOut = ({ fullOnly }: Benchmark) => values.short && fullOnly !== undefined;
  for (const { name, fullOnly } of wanted?.filter(isLeftOut) ?? [])
    throw new Error(`--short: ${name} has no short form: ${fullOnly}. Run it without --short.`);
  return {
    benchmarks: wanted ?? all.filter((one) => !isLeftOut(one)),
    leftOut: wanted === undefined ? all.filter(isLeftOut) : [],
    runs: runsOf(values.runs, values.short),
    size: values.short ? 'short' : 'full',
    jsonFile: values.json,
  };
}

function named(name: string, all: readonly Benchmark[]): Benchmark {
  const benchmark = all.find((candidate) => candidate.name === name);
  if (benchmark !== undefined) return benchmark;
  throw new Error(
    `--only: there is no benchmark "${name}"; there are ${all.map((one) => one.name).join(', ')}.`,
  );
}

function runsOf(text: string | undefined, isShort: boolean): number {
  if (text === undefined) return isShort ? 1 : DEFAULT_RUNS;
  const runs = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (runs < 1 || runs > MAX_RUNS) throw new Error(`--runs: a whole number from 1 to ${MAX_RUNS}.`);
  return runs;
}
