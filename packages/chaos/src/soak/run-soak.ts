import { setTimeout as pause } from 'node:timers/promises';
import { SERVICE_NAMES } from '@infoscreen/shared-types';
import {
  connectMqtt,
  eventually,
  type Fleet,
  mosquittoAvailable,
  type Scrape,
  scrapeMetrics,
  startFleet,
} from '@infoscreen/test-kit';
import pg from 'pg';
import { errorLines, warnings } from '../measure/log-records.ts';
import { CommandIssuer } from './command-issuer.ts';
import { judgeSeries, type SeriesVerdict } from './judge-series.ts';
import { makeAccounts, type ScreenIntervals, startScreenProcesses } from './screen-processes.ts';
import { type Sample, type SampleSources, takeSample } from './take-sample.ts';

/** A line of progress with every so many samples. */
const SAMPLES_PER_LINE = 6;

export interface SoakPlan {
  readonly seconds: number;
  readonly screens: number;
  readonly replicas: number;
  readonly sampleSeconds: number;
  readonly commandSeconds: number;
  readonly intervals: ScreenIntervals;
  readonly onProgress: (line: string) => void;
}

export interface SoakReport {
  readonly screens: number;
  readonly replicas: number;
  readonly seconds: number;
  readonly messagesReceived: number;
  readonly alive: number;
  readonly commands: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
  readonly verdicts: readonly SeriesVerdict[];
  readonly samples: readonly Sample[];
  /** What is wrong; empty when all is flat and well. */
  readonly problems: readonly string[];
}

/** Runs the real system under the load of a whole fleet, and watches whether anything grows. */
export async function runSoak(plan: SoakPlan): Promise<SoakReport> {
  const { replicas } = plan;
  const fleet = await startFleet({
    broker: mosquittoAvailable() ? 'mosquitto' : 'embedded',
    replicas: { server: replicas, listener: replicas, scheduler: replicas },
  });
  const pool = new pg.Pool({ connectionString: fleet.database.url, max: 2, application_name: 'soak' });
  const ends: (() => Promise<unknown>)[] = [() => fleet.stop(), () => pool.end()];
  try {
    const brokerStatus = await watchBroker(fleet);
    if (brokerStatus !== undefined) ends.push(() => brokerStatus.end());
    const startedAt = performance.now();
    const accounts = await makeAccounts(fleet.admin, plan.screens);
    plan.onProgress(`${accounts.length} accounts made in ${secondsSince(startedAt)} s`);
    ends.push(await startScreenProcesses(fleet, accounts, plan.intervals));
    await untilAlive(fleet, plan.screens);
    plan.onProgress(`all screens alive ${secondsSince(startedAt)} s after the start`);
    const commands = new CommandIssuer(fleet.admin, accounts);
    const samples = await watch({ fleet, pool, brokerStatus }, commands, plan);
    return await report({ fleet, pool, commands, samples, plan });
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

const secondsSince = (startedAt: number) => ((performance.now() - startedAt) / 1000).toFixed(1);

/** Only Mosquitto says how many connections it has. */
async function watchBroker({ broker }: Fleet) {
  if (broker.kind !== 'mosquitto') return undefined;
  const account = await broker.addAccount({
    username: 'soak',
    access: { publish: [], subscribe: ['$SYS/#'], receive: ['$SYS/#'] },
  });
  const connection = await connectMqtt({ port: broker.port, clientId: 'soak', ...account });
  await connection.subscribe('$SYS/#');
  return connection;
}

async function untilAlive({ admin }: Fleet, screens: number): Promise<void> {
  let alive = 0;
  await eventually(
    async () => {
      const { json } = await admin.call('GET', '/api/monitoring/overview');
      alive = json.totals.alive as number;
      return alive === screens;
    },
    { deadlineMs: 180_000, intervalMs: 1000, what: () => `${screens} screens are alive, not ${alive}` },
  );
}

async function watch(sources: SampleSources, commands: CommandIssuer, plan: SoakPlan): Promise<Sample[]> {
  const stop = new AbortController();
  const startedAt = performance.now();
  let failure: unknown;
  const issuing = (async () => {
    while (!stop.signal.aborted) {
      await commands.issueOne();
      await pause(plan.commandSeconds * 1000, undefined, { signal: stop.signal }).catch(() => {});
    }
  })().catch((error: unknown) => {
    failure = error;
  });
  const samples: Sample[] = [];
  while (performance.now() - startedAt < plan.seconds * 1000) {
    samples.push(await takeSample(sources, startedAt));
    if (samples.length % SAMPLES_PER_LINE === 0) plan.onProgress(progressLine(samples, commands, plan));
    await pause(plan.sampleSeconds * 1000);
  }
  stop.abort();
  await issuing;
  if (failure !== undefined) throw failure;
  return samples;
}

function progressLine(samples: readonly Sample[], { issued }: CommandIssuer, { seconds }: SoakPlan): string {
  const latest = samples.at(-1)?.values ?? {};
  const memory = Object.entries(latest)
    .filter(([name]) => name.endsWith('rss_mb'))
    .map(([name, value]) => `${name.replace(' rss_mb', '')} ${value.toFixed(0)}`);
  return `${Math.round(samples.at(-1)?.atSeconds ?? 0)} of ${seconds} s | ${issued} commands | memory in MB: ${memory.join(', ')}`;
}

interface Watched {
  readonly fleet: Fleet;
  readonly pool: pg.Pool;
  readonly commands: CommandIssuer;
  readonly samples: readonly Sample[];
  readonly plan: SoakPlan;
}

async function report(watched: Watched): Promise<SoakReport> {
  const { fleet, pool, commands, samples, plan } = watched;
  await eventually(async () => ((await commands.statuses(pool))['completed'] ?? 0) === commands.issued, {
    deadlineMs: 30_000,
    intervalMs: 500,
  }).catch(() => {});
  const { json } = await fleet.admin.call('GET', '/api/monitoring/overview');
  const listeners = await Promise.all(fleet.of('listener').map(({ url }) => scrapeMetrics(url)));
  const processes = SERVICE_NAMES.flatMap((service) => fleet.of(service));
  const figures = {
    messagesReceived: sumOver(listeners, 'infoscreen_messages_received_total'),
    alive: json.totals.alive as number,
    commands: await commands.statuses(pool),
    verdicts: judgeSeries(samples),
  };
  const records = processes.flatMap(({ process }) => process.logRecords());
  return {
    screens: plan.screens,
    replicas: plan.replicas,
    seconds: plan.seconds,
    ...figures,
    warnings: warnings(records),
    samples,
    problems: [
      ...figureProblems(figures, watched),
      ...problemCounts({
        'refused messages': sumOver(listeners, 'infoscreen_rejected_messages_total'),
        'dropped telemetry': sumOver(listeners, 'infoscreen_telemetry_dropped_total'),
        'processes that ended': processes.filter(({ process }) => !process.isRunning()).length,
      }),
      ...errorLines(records),
    ],
  };
}

function sumOver(scrapes: readonly Scrape[], metric: string): number {
  return scrapes.reduce((sum, scrape) => sum + scrape.sum(metric), 0);
}

function figureProblems(
  { verdicts, alive, commands: statuses }: Pick<SoakReport, 'verdicts' | 'alive' | 'commands'>,
  { commands, plan }: Watched,
): string[] {
  return [
    ...verdicts.filter(({ isFlat }) => !isFlat).map(({ name }) => `${name} is not flat`),
    ...(alive === plan.screens ? [] : [`${alive} of ${plan.screens} screens are alive`]),
    ...((statuses['completed'] ?? 0) === commands.issued ? [] : ['a command did not complete']),
  ];
}

function problemCounts(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([name, n]) => (n === 0 ? [] : [`${n} ${name}`]));
}
