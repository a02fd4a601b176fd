import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DATABASE_LIMITS } from './database.ts';

/** A goodbye that nobody answers doesn't hold up a stop. */
const CLOSE_TIMEOUT_MS = 1000;

export interface ListenOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** A plain identifier. */
  readonly channel: string;
  readonly onNotification: () => void;
  /** Called once, when the connection is lost, but not when it is closed here. */
  readonly onLost: () => void;
}

/** A connection of its own, outside any pool, that waits for notifications. */
export interface Listening {
  /** @throws when the database doesn't answer: the connection is to be closed then, and made anew */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** @throws when the connection can't be made */
export async function listen(options: ListenOptions): Promise<Listening> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: DATABASE_LIMITS.connectionMs,
    query_timeout: DATABASE_LIMITS.connectionMs,
    keepAlive: true,
  });
  let isClosed = false;
  client.on('error', () => {});
  client.on('end', () => {
    if (!isClosed) options.onLost();
    isClosed = true;
  });
  const close = async () => {
    isClosed = true;
    const timeout = new AbortController();
    const { signal } = timeout;
    await Promise.race([
      client.end().catch(() => {}),
      delay(CLOSE_TIMEOUT_MS, undefined, { signal }).catch(() => {}),
    ]);
    timeout.abort();
  };
  try {
    await client.connect();
    client.on('notification', options.onNotification);
    await client.query(`LISTEN ${options.channel}`);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ping: async () => {
      await client.query('SELECT 1');
    },
    close,
  };
}
