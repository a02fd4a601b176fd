import { runLoadsInTurn } from '../load/loads-in-turn.ts';
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
  const load = (of: number, paths: readonly string[]) => ({
    port: of,
    paths,
    cookie,
    connections: CONNECTIONS,
    seconds,
  });
  const loads = [
    load(port, [first]),
    load(port, pagePaths),
    load(preparedPort, ['/api/page']),
    load(port, detailPaths),
    load(preparedPort, ['/api/detail']),
  ];
  return {
    run: async () => {
      const rates = (await runLoadsInTurn(loads)).map(({ requestsPerSecond }) => requestsPerSecond);
      const [page = 0, differentPages = 0, preparedPage = 0, detail = 0, preparedDetail = 0] = rates;
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
