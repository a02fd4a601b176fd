import { writeFileSync } from 'node:fs';
import { endTestRun, startTestRun } from '@infoscreen/test-kit';
import { benchmarks } from './benchmarks.ts';
import { benchLines } from './report/bench-lines.ts';
import { thisMachine } from './report/machine.ts';
import { parseBenchArguments } from './run/bench-options.ts';
import { type BenchmarkResult, runBenchmark } from './run/run-benchmark.ts';

const {
  benchmarks: wanted,
  leftOut,
  jsonFile,
  ...plan
} = parseBenchArguments(process.argv.slice(2), benchmarks);
const startedAt = new Date();
const machine = thisMachine();
console.log(
  `${machine.cores} cores (${machine.cpu}), ${machine.memoryGigabytes} GB, Node ${machine.node}; ${plan.size} size`,
);
for (const { name, fullOnly } of leftOut) console.log(`left out, ${name} has no short form: ${fullOnly}`);
const results: BenchmarkResult[] = [];
for (const benchmark of wanted) {
  // A server for each, which waits for the disk as an installation's does: none finds what another has left behind.
  await startTestRun({ isDurable: true });
  try {
    results.push(await runBenchmark(benchmark, { ...plan, onProgress: (line) => console.log(line) }));
  } finally {
    await endTestRun();
  }
  for (const result of results.slice(-1)) for (const line of benchLines(result)) console.log(line);
  // After each: a run of all of them is long.
  if (jsonFile !== undefined) {
    const report = {
      startedAt: startedAt.toISOString(),
      machine,
      size: plan.size,
      leftOut: leftOut.map(({ name }) => name),
      results,
    };
    writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  }
}
const missed = results.flatMap(({ name, targets }) =>
  targets.filter(({ isReached }) => !isReached).map(({ ratio }) => `${name}: ${ratio}`),
);
console.log(missed.length === 0 ? 'all targets reached' : `missed: ${missed.join('; ')}`);
// The short form has no figures worth judging.
process.exitCode = plan.size === 'full' && missed.length > 0 ? 1 : 0;
