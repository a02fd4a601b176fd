import { setTimeout as pause } from 'node:timers/promises';
import {
  createTestDatabase,
  FIRST_ADMIN,
  type FleetProcess,
  serviceSettings,
  startReplica,
  startTestBroker,
} from '@infoscreen/test-kit';
import pg from 'pg';
import { logIn } from '../fuzz/http/fuzzed-server.ts';
import { errorLines } from '../measure/log-records.ts';
import { ATTACKS, type Attack } from './attacks.ts';
import { type Latencies, latenciesOf } from './latencies.ts';
import { type Answer, runAttack, runUser } from './load.ts';

export interface BruteForceRun {
  readonly seconds: number;
  readonly attackers: number;
  /** PASSWORD_HASH_COST; the one of production, where figures are wanted. */
  readonly hashCost: number;
}

export interface AttackFigures {
  readonly attack: string;
  readonly attemptsPerSecond: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Guesses whose password was looked at, and how many may be. */
  readonly tried: Latencies;
  readonly limit: number | null;
  readonly refused: Latencies;
  /** Of somebody else who is logged in. */
  readonly user: Latencies;
  /** Their p95 meanwhile against the one before. */
  readonly userRatio: number;
}

export interface BruteForceReport extends BruteForceRun {
  readonly quietUser: Latencies;
  readonly attacks: readonly AttackFigures[];
  readonly problems: readonly string[];
}

const SERVERS = 2;

/** Attacks the log-in of two real servers in each way, and measures what they let through and what others notice. */
export async function runBruteForce(run: BruteForceRun): Promise<BruteForceReport> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const database = await createTestDatabase();
    ends.push(() => database.drop());
    const broker = await startTestBroker({ kind: 'embedded' });
    ends.push(() => broker.stop());
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    ends.push(() => pool.end());
    const servers: FleetProcess[] = [];
    for (let nth = 0; nth < SERVERS; nth += 1) {
      const server = await startReplica('server', {
        ...serviceSettings(database.url, broker),
        INSTANCE_ID: `attacked-${nth}`,
        PASSWORD_HASH_COST: String(run.hashCost),
        TRUST_PROXY: 'loopback',
      });
      ends.push(() => server.process.stop());
      servers.push(server);
    }
    return await attackAll(run, servers, pool);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function attackAll(
  run: BruteForceRun,
  servers: readonly FleetProcess[],
  pool: pg.Pool,
): Promise<BruteForceReport> {
  const urls = servers.map(({ url }) => url);
  const cookie = await logIn(urls[0] ?? '', FIRST_ADMIN.username, FIRST_ADMIN.password);
  const watched = async (work: Promise<unknown>) => {
    const stop = new AbortController();
    const user = runUser(urls, cookie, stop.signal);
    await work;
    stop.abort();
    return user;
  };
  // The first requests of a process are slow, and would flatter what comes after.
  await watched(pause(500));
  const quiet = await watched(pause(run.seconds * 1000));
  const attacks: AttackFigures[] = [];
  const problems = userProblems('while it was quiet', quiet);
  for (const attack of ATTACKS) {
    await pool.query('DELETE FROM rate_limits; DELETE FROM known_login_addresses');
    const attacking = runAttack(attack, { urls, ...run });
    const user = await watched(attacking);
    const figures = figuresOf(attack, { answers: await attacking, user, quiet, seconds: run.seconds });
    attacks.push(figures);
    problems.push(...attackProblems(figures, await attacking), ...userProblems(attack.name, user));
  }
  for (const { process } of servers) problems.push(...errorLines(process.logRecords()));
  return { ...run, quietUser: latenciesOf(quiet.map(({ ms }) => ms)), attacks, problems };
}

interface Measured {
  readonly answers: readonly Answer[];
  readonly user: readonly Answer[];
  readonly quiet: readonly Answer[];
  readonly seconds: number;
}

function figuresOf(attack: Attack, { answers, user, quiet, seconds }: Measured): AttackFigures {
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const times = (wanted: (status: number) => boolean) =>
    latenciesOf(answers.filter(({ status }) => wanted(status)).map(({ ms }) => ms));
  const userTimes = latenciesOf(user.map(({ ms }) => ms));
  const quietP95 = latenciesOf(quiet.map(({ ms }) => ms)).p95;
  return {
    attack: attack.name,
    attemptsPerSecond: Math.round(answers.length / seconds),
    statuses,
    tried: times((status) => status === 401),
    limit: attack.limit,
    refused: times((status) => status !== 401),
    user: userTimes,
    userRatio: Math.round((userTimes.p95 / Math.max(quietP95, 0.1)) * 10) / 10,
  };
}

function attackProblems(
  { attack, tried, limit, statuses }: AttackFigures,
  answers: readonly Answer[],
): string[] {
  const unexpected = Object.keys(statuses).filter((status) => !['401', '429', '503'].includes(status));
  // An attack that is too short for the cost of the hash reaches no limit.
  const isReached = (statuses[429] ?? 0) > 0;
  const isWrong = limit !== null && (isReached ? tried.count !== limit : tried.count > limit);
  const silent = answers.filter(
    ({ status, retryAfter }) => status === 429 && !(Number(retryAfter) > 0),
  ).length;
  return [
    ...(isWrong ? [`${attack}: ${tried.count} were looked at, of ${limit}`] : []),
    ...unexpected.map((status) => `${attack}: ${statuses[status]} answers with ${status}`),
    ...(silent > 0 ? [`${attack}: ${silent} refusals don't say how long to wait`] : []),
  ];
}

function userProblems(when: string, answers: readonly Answer[]): string[] {
  const failed = answers.filter(({ status }) => status !== 200).length;
  return failed > 0 ? [`${when}: ${failed} of ${answers.length} requests of the user failed`] : [];
}
