import { telemetryGrowthBenchmark } from './growth/telemetry-growth-benchmark.ts';
import { ingestBenchmark } from './ingest/ingest-benchmark.ts';
import { liveBenchmark } from './live/live-benchmark.ts';
import { memoryBenchmark } from './memory/memory-benchmark.ts';
import type { Benchmark } from './run/benchmark.ts';

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  ingestBenchmark('ingest', 1),
  ingestBenchmark('ingest-3', 3),
  telemetryGrowthBenchmark,
  liveBenchmark,
  memoryBenchmark,
];
