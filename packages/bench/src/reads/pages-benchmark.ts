import { runHttpLoad } from '../load/load-process.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { startReadFleet } from './read-fleet.ts';

const CONNECTIONS = 10;
const DETAILS = 50;
const PAGE_SIZE = 100;
const SIZES = {
  full: { clients: 100_000, pages: 20, seconds: 5 },
  short: { clients: 200, pages: 2, seconds: 0.3 },
} as const;

export const pagesBenchmark: Benchmark = {
  name: 'pages',
  title: `one page of ${PAGE_SIZE} and one detail of 100,000 clients, against the same bytes from a prepared answer behind the same session check`,
  targets: [
    { ratio: 'page : prepared', atLeast: 0.5 },
    { ratio: 'detail : prepared', atLeast: 0.5 },
  ],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const { clients, pages, seconds } = SIZES[context.size];
  const { port, cookie, uuids, get, serve } = await startReadFleet(context, clients);
  const first = `/api/clients?limit=${PAGE_SIZE}`;
  const pagePaths = [first];
  while (pagePaths.length < pages) {
    const { nextCursor } = JSON.parse(await get(pagePaths.at(-1) ?? first)) as { nextCursor: string | null };
    if (nextCursor === null) break;
    pagePaths.push(`${first}&cursor=${encodeURIComponent(nextCursor)}`);
  }
  const detailPaths = uuids.slice(0, DETAILS).map((uuid) => `/api/clients/${uuid}`);
  const preparedPort = await serve({
    '/api/page': await get(first),
    '/api/detail': await get(detailPaths[0] ?? ''),
  });
  const rateOf = async (of: number, paths: readonly string[]) =>
    (await runHttpLoad({ port: of, paths, cookie, connections: CONNECTIONS, seconds })).requestsPerSecond;
  return {
    run: async () => {
      const page = await rateOf(port, [first]);
      const differentPages = await rateOf(port, pagePaths);
      const preparedPage = await rateOf(preparedPort, ['/api/page']);
      const detail = await rateOf(port, detailPaths);
      const preparedDetail = await rateOf(preparedPort, ['/api/detail']);
      return {
        figures: {
          'page requests/s': page,
          'different pages requests/s': differentPages,
          'prepared page requests/s': preparedPage,
          'detail requests/s': detail,
          'prepared detail requests/s': preparedDetail,
        },
        ratios: {
          'page : prepared': page / preparedPage,
          'different pages : prepared': differentPages / preparedPage,
          'detail : prepared': detail / preparedDetail,
        },
      };
    },
  };
}
