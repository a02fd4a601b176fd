import { runHttpLoad } from '../load/load-process.ts';
import { type ReadFleet, startReadFleet } from '../reads/read-fleet.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { quantile } from '../run/spread.ts';

const SIZES = {
  full: { few: 1000, many: 100_000, seconds: 5 },
  short: { few: 100, many: 200, seconds: 0.3 },
} as const;
const PAGE = '/api/clients?limit=100';

export const pageGrowthBenchmark: Benchmark = {
  name: 'page-growth',
  variantOf: 'pages',
  title: 'a page and a detail of 100,000 clients against the same of 1,000, one request at a time',
  targets: [
    { ratio: 'page, 100,000 : 1,000', atMost: 1.3 },
    { ratio: 'detail, 100,000 : 1,000', atMost: 1.3 },
  ],
  prepare,
};

/** Two fleets beside each other, so that both are asked in each run. */
async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const { few, many, seconds } = SIZES[context.size];
  const small = await startReadFleet(context, few);
  const large = await startReadFleet(context, many);
  const medianOf = async ({ port, cookie }: ReadFleet, paths: readonly string[]) =>
    quantile((await runHttpLoad({ port, cookie, paths, connections: 1, seconds })).latencies, 0.5);
  const details = ({ uuids }: ReadFleet) => uuids.slice(0, few).map((uuid) => `/api/clients/${uuid}`);
  return {
    run: async () => {
      const smallPage = await medianOf(small, [PAGE]);
      const largePage = await medianOf(large, [PAGE]);
      const smallDetail = await medianOf(small, details(small));
      const largeDetail = await medianOf(large, details(large));
      return {
        figures: {
          'page of 1,000 ms': smallPage,
          'page of 100,000 ms': largePage,
          'detail of 1,000 ms': smallDetail,
          'detail of 100,000 ms': largeDetail,
        },
        ratios: {
          'page, 100,000 : 1,000': largePage / smallPage,
          'detail, 100,000 : 1,000': largeDetail / smallDetail,
        },
      };
    },
  };
}
