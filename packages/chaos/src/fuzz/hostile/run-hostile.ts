import type { Agent } from 'node:http';
import { createTestDatabase, eventually, type FleetProcess, startTestBroker } from '@infoscreen/test-kit';
import pg from 'pg';
import { errorLines } from '../../measure/log-records.ts';
import { answerProblems } from '../http/answer-problems.ts';
import { type Api, readApi } from '../http/api-operations.ts';
import { Findings } from '../http/findings.ts';
import type { KnownValues } from '../http/fuzz-requests.ts';
import { logInAsAdmin, makeSpareThings, makeUser, startFuzzedServer } from '../http/fuzzed-server.ts';
import { sendRaw } from '../http/raw-requests.ts';
import { sendNoted } from '../http/send-noted.ts';
import { createKeepAliveAgent, type HttpAnswer } from '../http/send-request.ts';
import { rawHostile } from './hostile-raw.ts';
import { type HostileRequest, hostileRequests } from './hostile-requests.ts';
import type { HostileCategory } from './hostile-values.ts';
import { changedTables, countRows } from './table-counts.ts';

export interface HostileReport {
  readonly operations: number;
  readonly requests: number;
  readonly byCategory: Readonly<Partial<Record<HostileCategory, number>>>;
  readonly statuses: Readonly<Record<string, number>>;
  readonly rawStatuses: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly problems: readonly string[];
}

const CONNECTIONS = 16;
/** What a refusal may write. */
const ALWAYS_GROW = {
  audit_log: 'any',
  // Of streams of events: what changed, and which statuses were told.
  change_log: 'any',
  told_statuses: 'any',
  // Of requests whose callers were cut, and which begin only now.
  audit_pending: 'any',
  rate_limits: 'any',
  service_instances: 'any',
  user_sessions: 'any',
} as const;

interface Run {
  readonly server: FleetProcess;
  readonly agent: Agent;
  readonly api: Api;
  readonly pool: pg.Pool;
  readonly values: KnownValues;
  readonly superadmin: string;
  /** A session that may end. */
  readonly spareSession: string;
  readonly findings: Findings;
  readonly byCategory: Map<HostileCategory, number>;
  readonly problems: string[];
  /** Successes by operation. */
  readonly done: Map<string, number>;
}

/**
 * Sends every kind of hostile request to every operation of one real server, as nobody and as a superadmin.
 * @param every of all of them, each so many-th is sent
 */
export async function runHostile({ every = 1 } = {}): Promise<HostileReport> {
  const database = await createTestDatabase();
  const broker = await startTestBroker();
  const ends: (() => Promise<unknown>)[] = [() => database.drop(), () => broker.stop()];
  try {
    const server = await startFuzzedServer(broker, database.url);
    ends.push(() => server.process.stop());
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    ends.push(() => pool.end());
    const agent = createKeepAliveAgent(CONNECTIONS);
    ends.push(() => Promise.resolve(agent.destroy()));
    const run = await prepareRun(server, pool, agent);
    const startedAt = performance.now();
    await attack(run, 'nobody', every);
    await attack(run, 'superadmin', every);
    return await reportOf(run, startedAt);
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

async function prepareRun(server: FleetProcess, pool: pg.Pool, agent: Agent): Promise<Run> {
  const admin = await logInAsAdmin(server.url);
  const { clients, commands, users, tokens, secrets } = await makeSpareThings(server.url, admin, {
    users: 2,
    clients: 2,
  });
  return {
    server,
    agent,
    pool,
    api: await readApi(server.url),
    values: { uuid: clients, command_id: commands, id: [...users, ...tokens], token: secrets },
    superadmin: (await makeUser(server.url, admin, 'superadmin')).cookie,
    spareSession: (await makeUser(server.url, admin, 'viewer')).cookie,
    findings: new Findings(),
    byCategory: new Map(),
    problems: [],
    done: new Map(),
  };
}

async function attack(run: Run, caller: 'nobody' | 'superadmin', every: number): Promise<void> {
  const { api, values, pool, problems, server } = run;
  // A stranger is given no token that is worth something.
  const known = caller === 'nobody' ? { ...values, token: ['isenrol_nothing'] } : values;
  const requests = api.operations.flatMap((operation) => hostileRequests(operation, api, caller, known));
  const cookie = caller === 'nobody' ? '' : run.superadmin;
  const raw = api.operations
    .filter(({ path }) => !/logout|events/.test(path))
    .flatMap((operation) =>
      rawHostile(
        operation,
        operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name]?.[0] ?? ''),
        cookie,
      ),
    );
  const before = await countRows(pool);
  run.done.clear();
  await inParallel(some(requests, every), (request) => sendOne(run, request));
  const port = Number(new URL(server.url).port);
  await inParallel(some(raw, every), async ({ category, bytes, operation }) => {
    count(run.byCategory, category);
    const answer = await sendRaw(port, bytes);
    run.findings.noteRaw(bytes, answer);
    for (const status of answer.statuses)
      if (status >= 200 && status < 300) count(run.done, `${operation.method} ${operation.path}`);
    if (/^x-injected:/im.test(answer.text))
      problems.push(`raw: a header was injected: ${bytes.toString('latin1').slice(0, 200)}`);
  });
  // A write whose caller was cut goes on to its end.
  let unfinished: readonly unknown[] = [];
  const isSettled = async () => {
    unfinished = (await pool.query('SELECT action, target, started_at FROM audit_pending')).rows;
    return unfinished.length === 0;
  };
  await eventually(isSettled, { deadlineMs: 10_000 }).catch(() =>
    problems.push(`writes without an end: ${JSON.stringify(unfinished)}`),
  );
  const after = await countRows(pool);
  problems.push(...changedTables(before, after, caller === 'nobody' ? ALWAYS_GROW : superadminGrowth(run)));
}

/** What the superadmin was promised with each success, and no row more. */
function superadminGrowth({ done }: Run): Record<string, number | 'any'> {
  const n = (operation: string) => done.get(operation) ?? 0;
  const clients = n('POST /api/clients') + n('POST /api/enroll');
  return {
    ...ALWAYS_GROW,
    users: n('POST /api/users'),
    enrolment_tokens: n('POST /api/enrolment_tokens'),
    api_tokens: n('POST /api/tokens'),
    clients,
    client_states: clients,
    broker_accounts: 'any',
    client_commands: 'any',
    client_command_events: 'any',
    idempotency_keys: 'any',
  };
}

async function sendOne(run: Run, request: HostileRequest): Promise<void> {
  count(run.byCategory, request.category);
  const endsSession = /logout/i.test(request.target);
  const answer = await sendNoted(run, request, {
    cookie: request.caller === 'nobody' ? '' : endsSession ? run.spareSession : run.superadmin,
    problemsOf: (given) => [...answerProblems(request, given, run.api), ...reflectionProblems(given)],
  });
  if (answer !== undefined && answer.status < 300 && request.operation !== undefined)
    count(run.done, `${request.operation.method} ${request.operation.path}`);
}

/** What was sent may come back as data, never as a page, a header or the result of a template. */
function reflectionProblems({ headers, text }: HttpAnswer): string[] {
  const isPage = /html|javascript|xml/.test(headers['content-type'] ?? '');
  return [
    ...(isPage && /alert\(1\)/.test(text) ? ['shows what was sent on a page'] : []),
    ...(headers['x-injected'] === undefined ? [] : ['a header was injected']),
    ...(JSON.stringify(headers).includes('alert(1)') ? ['shows what was sent in a header'] : []),
  ];
}

async function reportOf(run: Run, startedAt: number): Promise<HostileReport> {
  const { findings, byCategory, api, server, problems } = run;
  const { requests, rawRequests, statuses, rawStatuses } = findings.figures();
  const { status } = await fetch(`${server.url}/api/auth/me`, { headers: { cookie: run.superadmin } });
  const isReady = (await fetch(`${server.url}/readyz`)).status === 200;
  return {
    operations: api.operations.length,
    requests: requests + rawRequests,
    byCategory: Object.fromEntries(byCategory),
    statuses,
    rawStatuses,
    seconds: (performance.now() - startedAt) / 1000,
    problems: [
      ...findings.problems(),
      ...problems,
      ...(status === 200 ? [] : ['the session of the superadmin was lost on the way']),
      ...(isReady && server.process.isRunning() ? [] : ['the server is not ready']),
      ...errorLines(server.process.logRecords()),
    ],
  };
}

/** Of a list in which kinds follow each other, a part with all kinds in it. */
function some<Item>(items: readonly Item[], every: number): readonly Item[] {
  return items.filter((_, index) => index % every === 0);
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const item of waiting) await work(item);
    }),
  );
}
