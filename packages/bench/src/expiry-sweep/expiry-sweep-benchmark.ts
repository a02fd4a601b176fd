import { sweepExpiredCommands } from '@infoscreen/commands';
import { createDatabase, type Queryable } from '@infoscreen/prisma';
import { createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import pg from 'pg';
import { clientUuids } from '../load/client-uuids.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { seedClients } from '../system/seed-clients.ts';
import { seedDueCommands } from './seed-due-commands.ts';

const CLIENTS = 1000;
/** Nothing else waits longer than this for a row that the sweep holds. */
const LONGEST_LOCK_MS = 200;

const COMMANDS: Readonly<Record<BenchContext['size'], number>> = { full: 100_000, short: 500 };

/** The same change without batches, codes by state, and rows of others that are left alone. */
const ONE_STATEMENT = `
  WITH expired AS (
    UPDATE client_commands SET status = 'expired', finished_at = clock_timestamp(), lease_until = NULL, next_publish_at = NULL,
      error_code = 'no_ack', error_message = 'No device acknowledged it in time.'
    WHERE status IN ('queued', 'publish_in_progress', 'published', 'ack_received') AND expires_at <= now()
    RETURNING command_id, status, error_code
  )
  INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, error_code)
  SELECT command_id, 'transition', 'published', status, 'sweep', 'limit', error_code FROM expired`;

export const expirySweepBenchmark: Benchmark = {
  name: 'expiry-sweep',
  title:
    'the sweep of 100,000 commands whose time has run out, with their timeline, against one UPDATE with an INSERT',
  targets: [
    { ratio: 'sweep : one statement', atMost: 1.5 },
    { ratio: `longest batch : ${LONGEST_LOCK_MS} ms`, atMost: 1 },
  ],
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const commands = COMMANDS[context.size];
  const database = await createTestDatabase();
  context.atEnd(() => database.drop());
  const uuids = clientUuids(CLIENTS);
  await seedClients(database, uuids);
  return {
    run: async () => {
      await seedDueCommands(database, uuids, commands);
      const limitMs = await oneStatement(database, commands);
      await seedDueCommands(database, uuids, commands);
      const sweep = await measureSweep(database, commands);
      return {
        figures: {
          'sweep ms': sweep.ms,
          'one statement ms': limitMs,
          'longest batch ms': sweep.longestBatchMs,
          batches: sweep.batches,
        },
        ratios: {
          'sweep : one statement': sweep.ms / limitMs,
          [`longest batch : ${LONGEST_LOCK_MS} ms`]: sweep.longestBatchMs / LONGEST_LOCK_MS,
        },
      };
    },
  };
}

async function oneStatement({ url }: TestDatabase, commands: number): Promise<number> {
  const client = new pg.Client({ connectionString: url, application_name: 'limit' });
  await client.connect();
  try {
    const startedAt = performance.now();
    const { rowCount } = await client.query(ONE_STATEMENT);
    if (rowCount !== commands) throw new Error(`${rowCount} of ${commands} commands expired`);
    return performance.now() - startedAt;
  } finally {
    await client.end();
  }
}

/** The function that the scheduler's loop calls, with the pool that it has. Each of its statements is a transaction. */
async function measureSweep({ url }: TestDatabase, commands: number) {
  const measured = createDatabase({ url, applicationName: 'bench sweep', poolSize: 2 });
  let longestBatchMs = 0;
  let batches = 0;
  const query = async (text: string, values: unknown[]) => {
    const startedAt = performance.now();
    const result = await measured.pool.query(text, values);
    longestBatchMs = Math.max(longestBatchMs, performance.now() - startedAt);
    batches += 1;
    return result;
  };
  try {
    const startedAt = performance.now();
    const { expired } = await sweepExpiredCommands({
      pool: { query } as unknown as Queryable,
      instance: 'bench',
    });
    const ms = performance.now() - startedAt;
    if (expired !== commands) throw new Error(`${expired} of ${commands} commands expired`);
    return { ms, longestBatchMs, batches };
  } finally {
    await measured.close();
  }
}
