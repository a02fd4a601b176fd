import { ingestBenchmark } from './ingest/ingest-benchmark.ts';
import type { Benchmark } from './run/benchmark.ts';

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  ingestBenchmark('ingest', 1),
  ingestBenchmark('ingest-3', 3),
];
