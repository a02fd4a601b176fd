import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { serverEnvironment } from '../env.ts';
import { freePort, LOOPBACK } from '../machine/free-port.ts';
import { unprivilegedUser } from '../machine/unprivileged-user.ts';
import { type ManagedProcess, startManagedProcess } from '../process/managed-process.ts';
import { ensureCluster, resetSuperuserPassword, SUPERUSER } from './database-cluster.ts';
import { findServerBinaries, type ServerBinaries } from './server-binaries.ts';
import { type StartFailure, startFailure } from './start-failure.ts';

export interface PostgresOptions {
  /** Made when missing, kept between runs. As root it must lie where user `postgres` or `nobody` can reach it. */
  readonly dataDir: string;
  /** A free one when left out. */
  readonly port?: number;
  /** A random one when left out. Data that was made with another password is given this one. */
  readonly superuserPassword?: string;
  /** Server settings (`postgresql.conf`) for this run. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called with each line of the server's log. */
  readonly onLogLine?: (line: string) => void;
}

/** A PostgreSQL that listens on loopback only; it ends with this process at the latest. */
export interface PostgresServer {
  readonly port: number;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Connection URL of the superuser. */
  readonly url: (database: string) => string;
  readonly isRunning: () => boolean;
  /** `fast` (default) ends sessions and writes a checkpoint; `immediate` is as a crash, with recovery at the next start. */
  readonly stop: (mode?: 'fast' | 'immediate') => Promise<void>;
  /** After a signal that ends it, resolves when it is gone. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
  /** Starts it again on the same port and data; does nothing while it runs. */
  readonly start: () => Promise<void>;
}

const START_DEADLINE_MS = 60_000;
/** After a kill -9 the old backends hold the shared memory for a moment; with a port of our choice another may be tried. */
const RETRY_DEADLINE_MS = 20_000;
const RETRY_PAUSE_MS = 100;

/**
 * Starts the PostgreSQL of the npm package on `dataDir` and resolves when it answers.
 * @throws one sentence that says what to do: port taken, data directory in use or unreachable, programs missing
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const superuserPassword = options.superuserPassword ?? randomBytes(24).toString('base64url');
  const binaries = findServerBinaries();
  await ensureCluster(binaries, options.dataDir, superuserPassword);
  const settled = { ...options, superuserPassword, binaries };
  let { child, port } = await startOnSomePort(settled);
  const start = async () => {
    if (!child.isRunning()) ({ child, port } = await startOnSomePort({ ...settled, port }));
  };
  return {
    get port() {
      return port;
    },
    get pid() {
      return child.pid;
    },
    url: (database) => urlOf(port, superuserPassword, database),
    isRunning: () => child.isRunning(),
    stop: async (mode = 'fast') => {
      await child.stop({ signal: mode === 'fast' ? 'SIGINT' : 'SIGQUIT', graceMs: 30_000 });
    },
    kill: (signal) => child.kill(signal),
    start,
  };
}

interface SettledOptions extends PostgresOptions {
  readonly superuserPassword: string;
  readonly binaries: ServerBinaries;
}

async function startOnSomePort(options: SettledOptions): Promise<{ child: ManagedProcess; port: number }> {
  const giveUpAt = Date.now() + RETRY_DEADLINE_MS;
  let wasReset = false;
  for (;;) {
    const port = options.port ?? (await freePort());
    const outcome = await startOnce(options, port);
    if (outcome.kind === 'started') return { child: outcome.child, port };
    if (outcome.kind === 'wrong_password') {
      if (wasReset)
        throw new Error(`PostgreSQL on ${options.dataDir} refuses the password that was just set.`);
      wasReset = true;
      await resetSuperuserPassword(options.binaries, options.dataDir, options.superuserPassword);
    } else if (!(outcome.isTransient && Date.now() < giveUpAt)) {
      throw new Error(outcome.sentence);
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
  }
}

type StartOutcome =
  | { readonly kind: 'started'; readonly child: ManagedProcess }
  | { readonly kind: 'wrong_password' }
  | ({ readonly kind: 'failed' } & StartFailure);

async function startOnce(options: SettledOptions, port: number): Promise<StartOutcome> {
  const settings = {
    ...options.settings,
    port: String(port),
    listen_addresses: LOOPBACK,
    unix_socket_directories: '',
    logging_collector: 'off',
  };
  const child = await startManagedProcess({
    name: 'PostgreSQL',
    command: options.binaries.postgres,
    args: [
      '-D',
      options.dataDir,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: serverEnvironment(),
    user: unprivilegedUser(),
    stopSignal: 'SIGINT',
    onLine: options.onLogLine,
  });
  const answer = await firstAnswer(child, urlOf(port, options.superuserPassword, 'postgres'));
  if (answer === 'ready') return { kind: 'started', child };
  await child.stop({ signal: 'SIGQUIT' });
  if (answer === 'wrong_password') return { kind: 'wrong_password' };
  return {
    kind: 'failed',
    ...startFailure({
      output: child.output(),
      port,
      isPortFixed: options.port !== undefined,
      dataDir: options.dataDir,
    }),
  };
}

/** Asks until our own server answers; the random password makes sure that it isn't another one on the same port. */
async function firstAnswer(child: ManagedProcess, url: string): Promise<'ready' | 'wrong_password' | 'none'> {
  const giveUpAt = Date.now() + START_DEADLINE_MS;
  while (child.isRunning() && Date.now() < giveUpAt) {
    const code = await connectOnce(url);
    if (code === 'ok') return 'ready';
    if (code === '28P01' && child.output().some((line) => line.includes('ready to accept connections'))) {
      return 'wrong_password';
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return 'none';
}

async function connectOnce(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return 'ok';
  } catch (error) {
    return (error as { code?: string }).code ?? 'unknown';
  } finally {
    await client.end().catch(() => {});
  }
}

function urlOf(port: number, password: string, database: string): string {
  return `postgresql://${SUPERUSER}:${encodeURIComponent(password)}@${LOOPBACK}:${port}/${encodeURIComponent(database)}`;
}
