import { runLoadsInTurn } from '../load/loads-in-turn.ts';
import { type ReadFleet, startReadFleet } from '../reads/read-fleet.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { quantile } from '../run/spread.ts';

const SIZES = {
  full: { few: 1000, many: 100_000, seconds: 5 },
  short: { few: 100, many: 200, seconds: 0.3 },
} as const;
const PAGE = '/api/clients?limit=100';
/** A name or a status is a few bytes longer than another. */
const SAME_SIZE = 1.05;

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
  const sizes = [await pageBytes(small), await pageBytes(large)];
  if (Math.max(...sizes) > SAME_SIZE * Math.min(...sizes))
    throw new Error(`the pages say different things: ${sizes.join(' and ')} bytes`);
  const details = ({ uuids }: ReadFleet) => uuids.slice(0, few).map((uuid) => `/api/clients/${uuid}`);
  const load = ({ port, cookie }: ReadFleet, paths: readonly string[]) => ({
    port,
    cookie,
    paths,
    connections: 1,
    seconds,
  });
  const loads = [
    load(small, [PAGE]),
    load(large, [PAGE]),
    load(small, details(small)),
    load(large, details(large)),
  ];
  return {
    run: async () => {
      const medians = (await runLoadsInTurn(loads)).map(({ latencies }) => quantile(latencies, 0.5));
      const [smallPage = 0, largePage = 0, smallDetail = 0, largeDetail = 0] = medians;
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

async function pageBytes({ get }: ReadFleet): Promise<number> {
  return Buffer.byteLength(await get(PAGE));
}
