import { type HttpLine, httpRequest, openHttpLine } from '../load/http-line.ts';
import { untilResult } from '../load/load-process.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { quantile } from '../run/spread.ts';
import { type CommandFleet, startCommandFleet } from '../system/command-fleet.ts';
import { oneCommand } from '../system/one-command.ts';
import { startProgram } from '../system/start-program.ts';
import { openCommitFloor } from './commit-floor.ts';
import { openMqttFloor } from './mqtt-floor.ts';

const SCREENS = 100;
const LIMIT_DEADLINE_MS = 20_000;
/** Published, accepted, started, completed: a commit each. */
const STEPS = 4;

const SIZES: Readonly<Record<BenchContext['size'], { readonly commands: number; readonly warmUp: number }>> =
  {
    full: { commands: 400, warmUp: 200 },
    short: { commands: 10, warmUp: 5 },
  };

export const commandLatencyBenchmark: Benchmark = {
  name: 'command-latency',
  title:
    'restart_app, one at a time, from the request until a GET shows completed, against the sum of what it needs at least: a POST and a GET behind a session, five commits, a round trip through the broker',
  targets: [
    { ratio: 'p50 : sum of the floors', atMost: 2 },
    { ratio: 'p99 : sum of the floors', atMost: 5 },
  ],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const { commands, warmUp } = SIZES[context.size];
  const system = await startCommandFleet(context, { screens: SCREENS });
  const { fleet, uuids, account, cookie } = system;
  const line = await openHttpLine(fleet.of('server')[0]?.url ?? '');
  context.atEnd(async () => line.close());
  const sample = await oneCommand({ line, cookie, uuid: uuids[0] ?? '' });
  const floorLine = await openSessionHttp(context, system, sample.body);
  const commits = await openCommitFloor(fleet.database, uuids[0] ?? '');
  context.atEnd(() => commits.close());
  const { host, port } = fleet.broker;
  const mqtt = await openMqttFloor({ host, port, ...account }, sample.body.slice(0, 300));
  context.atEnd(async () => mqtt.close());
  const post = httpRequest('POST', '/floor', { cookie, body: {} });
  const get = httpRequest('GET', '/floor', { cookie });

  /** Floors and commands by turns, so that both meet the same moments of the machine. */
  const measure = async (count: number) => {
    const times = { command: [], post: [], get: [], insert: [], update: [], mqtt: [] } as Record<
      string,
      number[]
    >;
    for (let n = 0; n < count; n += 1) {
      times['command']?.push((await oneCommand({ line, cookie, uuid: uuids[n % uuids.length] ?? '' })).ms);
      times['post']?.push(await answered(floorLine, post));
      times['get']?.push(await answered(floorLine, get));
      times['insert']?.push(await commits.insert());
      for (let step = 0; step < STEPS; step += 1) times['update']?.push(await commits.update());
      times['mqtt']?.push(await mqtt.roundTrip());
    }
    return (name: string, share: number) =>
      quantile(
        (times[name] ?? []).toSorted((a, b) => a - b),
        share,
      );
  };
  await measure(warmUp);
  return {
    run: async () => {
      const time = await measure(commands);
      const floor = (name: string) => time(name, 0.5);
      const sum = floor('post') + floor('get') + floor('insert') + STEPS * floor('update') + floor('mqtt');
      return {
        figures: {
          'command p50 ms': time('command', 0.5),
          'command p99 ms': time('command', 0.99),
          'sum of the floors ms': sum,
          'POST and GET p50 ms': floor('post') + floor('get'),
          'five commits p50 ms': floor('insert') + STEPS * floor('update'),
          'round trip through the broker p50 ms': floor('mqtt'),
        },
        ratios: {
          'p50 : sum of the floors': time('command', 0.5) / sum,
          'p99 : sum of the floors': time('command', 0.99) / sum,
        },
      };
    },
  };
}

async function answered(line: HttpLine, request: Buffer): Promise<number> {
  const startedAt = performance.now();
  const { status } = await line.request(request);
  if (status !== 200) throw new Error(`the limit answered ${status}`);
  return performance.now() - startedAt;
}

async function openSessionHttp(
  context: BenchContext,
  { fleet }: CommandFleet,
  answer: string,
): Promise<HttpLine> {
  const order = { databaseUrl: fleet.database.url, answer };
  const { process, stop } = await startProgram('limits/session-http-main', order, { saysReady: false });
  context.atEnd(stop);
  const { url } = (await untilResult(process, 'listening', LIMIT_DEADLINE_MS)) as { url: string };
  const line = await openHttpLine(url);
  context.atEnd(async () => line.close());
  return line;
}
