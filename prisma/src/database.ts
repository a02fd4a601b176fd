import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from './generated/prisma/client.ts';
import { migrationNames } from './migrations-on-disk.ts';

/** Limits that hold for every query of every service. */
const CONNECTION_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 5000;
const LOCK_TIMEOUT_MS = 2000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

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
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    options: '-c timezone=UTC',
  });
  // An idle connection that breaks is an 'error' event, which without a handler would end the process.
  pool.on('error', (error) => onConnectionError?.(error));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) });
  return {
    pool,
    prisma,
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** A query that needs one statement only: a pool or a client of it. */
export type Queryable = Pick<pg.Pool, 'query'>;

/**
 * Runs `work` in one READ COMMITTED transaction. When `work` throws, everything is rolled back and the error goes on.
 * Each statement sees what was committed before it began, which locks that precede a count rely on.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    // A connection that could not even roll back must not go back into the pool.
    client.release(broken);
  }
}

/**
 * Names of migrations that this version needs and the database lacks; empty when the service may start.
 * A database without any migration table lacks them all.
 */
export async function missingMigrations(db: Queryable): Promise<readonly string[]> {
  const needed = await migrationNames();
  const { rows: tables } = await db.query<{ present: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present",
  );
  if (tables[0]?.present !== true) return needed;
  const { rows } = await db.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const applied = new Set(rows.map((row) => row.migration_name));
  return needed.filter((name) => !applied.has(name));
}
