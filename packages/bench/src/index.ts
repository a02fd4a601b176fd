export { benchmarks } from './benchmarks.ts';
export { benchLines } from './report/bench-lines.ts';
export { parseBenchArguments } from './run/bench-options.ts';
export type { Benchmark, RunFigures } from './run/benchmark.ts';
export { resultOf, runBenchmark } from './run/run-benchmark.ts';
export { quantile, spreadOf } from './run/spread.ts';
