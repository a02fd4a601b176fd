import type { Database, Queryable } from '@infoscreen/prisma';
import { createLoop, type Logger, type Loop, type Metrics } from '@infoscreen/service-kit';
import type { ControlConnection } from './control-channel.ts';
import { IS_PENDING } from './desired-accounts.ts';
import { type ReconcileDeps, reconcileBrokerAccounts } from './reconcile-broker-accounts.ts';

/** Key of the advisory lock under which one replica at a time writes the broker's accounts. */
const ACCOUNTS_LOCK = 4_907_162_513;
/** Of a screen that floods the broker keeps taking so long what it sends; a look is one read of a small index. */
const INTERVAL_MS = 1000;
/** What failed is tried again after so long, where nothing else is to be done. */
const RETRY_INTERVAL_MS = 5000;
/** Everything is compared again after so long, whatever happened to the broker's file. */
const FULL_INTERVAL_MS = 10 * 60_000;
const APPLY_WAIT_MS = 2000;
const APPLY_POLL_MS = 50;

/** In the order of the index, without which the planner would hope to find one soon in the whole table. */
export const FIND_PENDING = `SELECT FROM broker_accounts
  WHERE ${IS_PENDING} AND ($1 OR last_error IS NULL) ORDER BY client_uuid LIMIT 1`;

/** What a request that changed an account needs. */
export interface AccountApplier {
  /** Has the change applied now. @returns whether the broker has it within 2 s; else it follows by itself */
  applySoon(clientUuid: string): Promise<boolean>;
}

export interface AccountAdmin extends AccountApplier {
  readonly loop: Loop;
  /** Resolves when this replica has compared all accounts once: from then on the broker knows the services' own. */
  readonly firstPass: Promise<void>;
  /** A new connection to the broker: nobody knows what it has. */
  connected(): void;
}

export interface AccountAdminOptions extends Omit<ReconcileDeps, 'db'> {
  readonly pool: Database['pool'];
  readonly control: ControlConnection;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Keeps the broker's accounts as the database wants them: all of them at each connect, pending ones within 1 s. */
export function createAccountAdmin(options: AccountAdminOptions): AccountAdmin {
  const { pool, control, logger, metrics } = options;
  let fullSince = Number.NEGATIVE_INFINITY;
  let retriedAt = Number.NEGATIVE_INFINITY;
  let endFirstPass: () => void = () => {};
  const firstPass = new Promise<void>((resolve) => {
    endFirstPass = resolve;
  });

  const runOnce = async (): Promise<Record<string, number>> => {
    if (!control.connected) return {};
    const startedAt = performance.now();
    const scope = startedAt - fullSince > FULL_INTERVAL_MS ? 'full' : 'pending';
    const isRetry = startedAt - retriedAt > RETRY_INTERVAL_MS;
    if (scope === 'pending' && !(await hasPending(pool, isRetry))) return {};
    retriedAt = startedAt;
    const counts = await underLock(pool, (db) => reconcileBrokerAccounts({ ...options, db }, scope));
    // Another replica holds the lock: its work isn't ours to count as done.
    if (counts === 'locked') return {};
    if (scope === 'full') {
      fullSince = startedAt;
      endFirstPass();
    }
    if (counts.applied + counts.removed > 0) logger.info('broker accounts written', { scope, ...counts });
    return counts;
  };
  const loop = createLoop({ name: 'broker_accounts', intervalMs: INTERVAL_MS, runOnce, logger, metrics });
  return {
    loop,
    firstPass,
    connected: () => {
      fullSince = Number.NEGATIVE_INFINITY;
      loop.wake();
    },
    applySoon: async (clientUuid) => {
      const giveUpAt = performance.now() + APPLY_WAIT_MS;
      while (control.connected && performance.now() < giveUpAt) {
        loop.wake();
        await new Promise((resolve) => setTimeout(resolve, APPLY_POLL_MS));
        if (await isApplied(pool, clientUuid)) return true;
      }
      return false;
    },
  };
}

/** @param withFailed also those with which it failed before */
async function hasPending(db: Queryable, withFailed: boolean): Promise<boolean> {
  const { rows } = await db.query(FIND_PENDING, [withFailed]);
  return rows.length > 0;
}

async function isApplied(db: Queryable, clientUuid: string): Promise<boolean> {
  const { rows } = await db.query(
    'SELECT FROM broker_accounts WHERE client_uuid = $1 AND applied_version = version',
    [clientUuid],
  );
  return rows.length > 0;
}

/** Runs `work` on a connection that holds the session lock; Postgres lets it go with the connection. */
async function underLock<T>(
  pool: Database['pool'],
  work: (db: Queryable) => Promise<T>,
): Promise<T | 'locked'> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      ACCOUNTS_LOCK,
    ]);
    if (rows[0]?.locked !== true) return 'locked';
    try {
      return await work(client);
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [ACCOUNTS_LOCK]).catch((error: Error) => {
        broken = error;
      });
    }
  } finally {
    client.release(broken);
  }
}
