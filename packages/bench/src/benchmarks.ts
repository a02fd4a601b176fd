import { commandGrowthBenchmark } from './command-growth/command-growth-benchmark.ts';
import { commandLatencyBenchmark } from './command-latency/command-latency-benchmark.ts';
import { commandRateBenchmark } from './command-rate/command-rate-benchmark.ts';
import { connectStormBenchmark } from './connect/connect-storm-benchmark.ts';
import { expirySweepBenchmark } from './expiry-sweep/expiry-sweep-benchmark.ts';
import { pageGrowthBenchmark } from './growth/page-growth-benchmark.ts';
import { telemetryGrowthBenchmark } from './growth/telemetry-growth-benchmark.ts';
import { ingestBenchmark } from './ingest/ingest-benchmark.ts';
import { liveBenchmark } from './live/live-benchmark.ts';
import { memoryBenchmark } from './memory/memory-benchmark.ts';
import { nodeRedBenchmark } from './node-red/node-red-benchmark.ts';
import { listsBenchmark } from './reads/lists-benchmark.ts';
import { pagesBenchmark } from './reads/pages-benchmark.ts';
import { returnBenchmark } from './return/return-benchmark.ts';
import type { Benchmark } from './run/benchmark.ts';

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  ingestBenchmark('ingest', 1),
  ingestBenchmark('ingest-3', 3),
  nodeRedBenchmark,
  listsBenchmark,
  pagesBenchmark,
  telemetryGrowthBenchmark,
  pageGrowthBenchmark,
  liveBenchmark,
  memoryBenchmark,
  returnBenchmark('return-10000', 10_000),
  returnBenchmark('return-100000', 100_000),
  connectStormBenchmark,
  commandLatencyBenchmark,
  commandRateBenchmark,
  expirySweepBenchmark,
  commandGrowthBenchmark,
];
