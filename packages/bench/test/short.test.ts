import { benchmarks, runBenchmark } from '@infoscreen/bench';
import { mosquittoAvailable } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';

const withMosquitto = mosquittoAvailable() ? describe : describe.skip;

withMosquitto('each benchmark in its short form', () => {
  const own = benchmarks.filter(
    ({ variantOf, fullOnly }) => variantOf === undefined && fullOnly === undefined,
  );
  const fullOnly = benchmarks.filter((benchmark) => benchmark.fullOnly !== undefined);

  it('is run of every other one that a variant stands for', () => {
    const names = own.map(({ name }) => name);
    for (const { variantOf = names[0] } of benchmarks) expect(names).toContain(variantOf);
  });

  it.each(fullOnly.map((benchmark) => [benchmark.name, benchmark] as const))(
    '%s has none, and says why',
    async (_name, benchmark) => {
      const run = runBenchmark(benchmark, { runs: 1, size: 'short', onProgress: () => {} });
      await expect(run).rejects.toThrow(`${benchmark.name} has no short form: ${benchmark.fullOnly}`);
    },
  );

  it.each(own.map((benchmark) => [benchmark.name, benchmark] as const))(
    '%s measures what its targets speak of',
    async (_name, benchmark) => {
      const result = await runBenchmark(benchmark, { runs: 1, size: 'short', onProgress: () => {} });
      for (const { median } of [...Object.values(result.figures), ...Object.values(result.ratios)])
        expect(median).toBeGreaterThan(0);
      expect(Object.keys(result.figures).length).toBeGreaterThan(0);
    },
    120_000,
  );
});
