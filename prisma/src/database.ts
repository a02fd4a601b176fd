import { setTimeout as delay } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/prisma/client.ts';

/** Limits that hold for every query of every service, in ms. */
export const DATABASE_LIMITS = {
  /** Waiting for a connection, a new one or one of the pool. */
  connectionMs: 3000,
  statementMs: 5000,
  lockMs: 2000,
  idleInTransactionMs: 10_000,
  /** Our own end of the wait: a database that stands still, or a network that swallows packets, ends no statement. */
  queryMs: 6000,
} as const;
const IDLE_CONNECTION_MS = 30_000;
const KEEPALIVE_AFTER_MS = 10_000;
/** A goodbye that nobody answers doesn't hold up a stop. */
const CLOSE_TIMEOUT_MS = 1000;

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Most connections of this process. */
  readonly poolSize: number;
  /** Called when an idle connection breaks; the pool replaces it by itself. */
  readonly onConnectionError?: (error: Error) => void;
}

/** One pool, two views of it: Prisma for ordinary reads and writes, `pg` where a statement is the state machine. */
export interface Database {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

/** Opens no connection until it is used. */
export function createDatabase({
  url,
  applicationName,
  poolSize,
  onConnectionError,
}: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    application_name: applicationName,
    connectionTimeoutMillis: DATABASE_LIMITS.connectionMs,
    statement_timeout: DATABASE_LIMITS.statementMs,
    lock_timeout: DATABASE_LIMITS.lockMs,
    idle_in_transaction_session_timeout: DATABASE_LIMITS.idleInTransactionMs,
    query_timeout: DATABASE_LIMITS.queryMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    // What is looked up by id lies in memory: at the default cost, made for turning disks, a batch would rather read a whole table.
    options: '-c timezone=UTC -c random_page_cost=1.1',
  });
  // An idle connection that breaks is an 'error' event, which without a handler would end the process.
  pool.on('error', (error) => onConnectionError?.(error));
  // So is one that breaks while it is lent out, between two statements; there the next statement tells its borrower.
  pool.on('connect', (client) => client.on('error', () => {}));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) });
  return {
    pool,
    prisma,
    close: async () => {
      await prisma.$disconnect();
      const timeout = new AbortController();
      const { signal } = timeout;
      await Promise.race([pool.end(), delay(CLOSE_TIMEOUT_MS, undefined, { signal }).catch(() => {})]);
      timeout.abort();
    },
  };
}

/** A query that needs one statement only: a pool or a client of it. */
export type Queryable = Pick<pg.Pool, 'query'>;

export const READ_COMMITTED = 'BEGIN ISOLATION LEVEL READ COMMITTED';

/**
 * Runs `work` in one READ COMMITTED transaction. When `work` throws, everything is rolled back and the error goes on.
 * Each statement sees what was committed before it began, which locks that precede a count rely on.
 */
export function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return onConnection(pool, async (client) => {
    await client.query(READ_COMMITTED);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });
}

/** Runs `work` on a connection of its own. When `work` throws, what it began is rolled back and the error goes on. */
export async function onConnection<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    if (isUnanswered(error)) broken = error;
    else
      await client.query('ROLLBACK').catch((rollbackError: Error) => {
        broken = rollbackError;
      });
    throw error;
  } finally {
    // A connection that could not even roll back must not go back into the pool.
    client.release(broken);
  }
}

/** `queryMs` is over. The statement still stands in the connection, and a ROLLBACK would wait behind it. */
function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}
