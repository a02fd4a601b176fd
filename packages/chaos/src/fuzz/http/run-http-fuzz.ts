import type { Agent } from 'node:http';
import { createTestDatabase, type FleetProcess, startTestBroker } from '@infoscreen/test-kit';
import fc from 'fast-check';
import { errorLines, warnings } from '../../measure/log-records.ts';
import { type MemoryBounds, MemoryWatch, memoryProblems } from '../../measure/memory-watch.ts';
import { answerProblems } from './answer-problems.ts';
import { type Api, readApi } from './api-operations.ts';
import { Findings } from './findings.ts';
import { type Caller, type FuzzRequest, fuzzRequests, type KnownValues } from './fuzz-requests.ts';
import { logInAsAdmin, makeSpareThings, makeUser, startFuzzedServer } from './fuzzed-server.ts';
import type { HttpFuzzReport } from './http-fuzz-report.ts';
import { rawRequests, sendRaw } from './raw-requests.ts';
import { sendNoted } from './send-noted.ts';
import { createKeepAliveAgent } from './send-request.ts';

export interface HttpFuzzOptions {
  readonly seed: number;
  readonly requests: number;
  readonly rawRequests: number;
  /** Of the server, after the first tenth. */
  readonly memoryBounds: MemoryBounds;
  readonly settlePauseMs: number;
}

const CONNECTIONS = 16;
const BATCH = 400;
const SPARE = { users: 10, clients: 12 };

type Sessions = Readonly<Record<Caller, string>>;

interface Run {
  readonly server: FleetProcess;
  readonly agent: Agent;
  readonly sessions: Sessions;
  /** A session that may end. */
  readonly spareSession: string;
  readonly api: Api;
  readonly requests: fc.Arbitrary<FuzzRequest>;
  readonly findings: Findings;
}

/** Fuzzes one real server over a real database and broker, and judges every answer. */
export async function runHttpFuzz(options: HttpFuzzOptions): Promise<HttpFuzzReport> {
  const database = await createTestDatabase();
  const broker = await startTestBroker();
  const ends: (() => Promise<unknown>)[] = [() => database.drop(), () => broker.stop()];
  try {
    const server = await startFuzzedServer(broker, database.url);
    ends.push(() => server.process.stop());
    const agent = createKeepAliveAgent(CONNECTIONS);
    ends.push(() => Promise.resolve(agent.destroy()));
    const api = await readApi(server.url);
    return await fuzz(await prepareRun(server, agent, api), options);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function prepareRun(server: FleetProcess, agent: Agent, api: Api): Promise<Run> {
  const admin = await logInAsAdmin(server.url);
  const sessionOf = async (role: 'viewer' | 'admin' | 'superadmin') =>
    (await makeUser(server.url, admin, role)).cookie;
  const sessions = {
    nobody: '',
    viewer: await sessionOf('viewer'),
    admin: await sessionOf('admin'),
    superadmin: await sessionOf('superadmin'),
  };
  const { clients, commands, users, tokens, secrets } = await makeSpareThings(server.url, admin, SPARE);
  const values: KnownValues = {
    uuid: clients,
    command_id: commands,
    id: [...users, ...tokens],
    token: secrets,
  };
  return {
    server,
    agent,
    sessions,
    spareSession: await sessionOf('viewer'),
    api,
    requests: fuzzRequests(api, values),
    findings: new Findings(),
  };
}

async function fuzz(run: Run, options: HttpFuzzOptions): Promise<HttpFuzzReport> {
  const { server, findings } = run;
  const startedAt = performance.now();
  const warmUp = Math.ceil(options.requests / 10);
  await sendAll(run, { count: warmUp, seed: options.seed });
  const memoryWatch = new MemoryWatch(server.url, options.settlePauseMs);
  await memoryWatch.warmedUp();
  await sendAll(run, {
    count: options.requests - warmUp,
    seed: options.seed + 1_000_000,
    afterBatch: () => memoryWatch.read(),
  });
  await sendAllRaw(run, options.rawRequests, options.seed);
  const seconds = (performance.now() - startedAt) / 1000;
  const memory = await memoryWatch.figures();
  return {
    ...findings.figures(),
    operations: run.api.operations.length,
    memory,
    memoryBounds: options.memoryBounds,
    seconds,
    warnings: warnings(server.process.logRecords()),
    problems: [
      ...findings.problems(),
      ...memoryProblems('server', memory, options.memoryBounds),
      ...(await sessionProblems(run)),
      ...(await processProblems(server)),
    ],
  };
}

interface Sending {
  readonly count: number;
  readonly seed: number;
  readonly afterBatch?: () => Promise<unknown>;
}

async function sendAll(run: Run, { count, seed, afterBatch }: Sending): Promise<void> {
  for (let sent = 0; sent < count; sent += BATCH) {
    const batch = fc.sample(run.requests, { numRuns: Math.min(BATCH, count - sent), seed: seed + sent });
    await inParallel(batch, (request) => sendOne(run, request));
    await afterBatch?.();
  }
}

async function sendOne(run: Run, request: FuzzRequest): Promise<void> {
  const endsSession = /logout/i.test(request.target);
  await sendNoted(run, request, {
    cookie: endsSession && request.caller !== 'nobody' ? run.spareSession : run.sessions[request.caller],
    problemsOf: (answer) => answerProblems(request, answer, run.api),
  });
}

async function sendAllRaw({ server, findings }: Run, count: number, seed: number): Promise<void> {
  const port = Number(new URL(server.url).port);
  await inParallel(fc.sample(rawRequests, { numRuns: count, seed }), async (bytes) => {
    findings.noteRaw(bytes, await sendRaw(port, bytes));
  });
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}

/** A run in which a session was lost on the way has tried less than it says. */
async function sessionProblems({ server, sessions }: Run): Promise<string[]> {
  const problems: string[] = [];
  for (const [caller, cookie] of Object.entries(sessions)) {
    if (caller === 'nobody') continue;
    const { status } = await fetch(`${server.url}/api/auth/me`, { headers: { cookie } });
    if (status !== 200) problems.push(`the session of the ${caller} was lost on the way`);
  }
  return problems;
}

async function processProblems({ process, url }: FleetProcess): Promise<string[]> {
  const isReady = process.isRunning() && (await fetch(`${url}/readyz`)).status === 200;
  return [
    ...(process.isRunning() ? [] : ['the server has ended']),
    ...(isReady ? [] : ['the server is not ready']),
    ...errorLines(process.logRecords()),
  ];
}
