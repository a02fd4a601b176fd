import { setTimeout as pause } from 'node:timers/promises';
import type { TestDatabase } from '@infoscreen/test-kit';
import pg from 'pg';

/** How exactly it is known when the last one was stored. */
const LOOK_EVERY_MS = 20;

/**
 * Looks into the database until the health report of `round` is stored of every client, and a sign of life since `aliveSince`
 * where that is given.
 * @returns when that was seen, milliseconds since the epoch
 * @throws after `deadlineMs`, with the number of clients that are missing
 */
export async function untilStored(
  database: TestDatabase,
  {
    clients,
    round,
    aliveSince,
    deadlineMs,
  }: {
    readonly clients: number;
    readonly round: number;
    /** By the database's clock. */
    readonly aliveSince?: Date;
    readonly deadlineMs: number;
  },
): Promise<number> {
  const client = new pg.Client({ connectionString: database.url, application_name: 'bench' });
  await client.connect();
  try {
    const giveUpAt = Date.now() + deadlineMs;
    for (;;) {
      const { rows } = await client.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM client_states
         WHERE uptime_seconds = $1 AND ($2::timestamptz IS NULL OR last_alive >= $2)`,
        [round, aliveSince],
      );
      const stored = rows[0]?.n ?? 0;
      if (stored === clients) return Date.now();
      if (Date.now() > giveUpAt) throw new Error(`${clients - stored} of ${clients} clients are not stored`);
      await pause(LOOK_EVERY_MS);
    }
  } finally {
    await client.end();
  }
}
