import { setTimeout as pause } from 'node:timers/promises';
import type { TestDatabase } from '@infoscreen/test-kit';
import pg from 'pg';

/** How exactly it is known when the last one was stored. */
const LOOK_EVERY_MS = 20;

/**
 * Looks into the database until the health report of `round` is stored of every client.
 * @returns when that was seen, milliseconds since the epoch
 * @throws after `deadlineMs`, with the number of clients that are missing
 */
export async function untilStored(
  database: TestDatabase,
  {
    clients,
    round,
    deadlineMs,
  }: { readonly clients: number; readonly round: number; readonly deadlineMs: number },
): Promise<number> {
  const client = new pg.Client({ connectionString: database.url, application_name: 'bench' });
  await client.connect();
  try {
    const giveUpAt = Date.now() + deadlineMs;
    for (;;) {
      const { rows } = await client.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM client_states WHERE uptime_seconds = $1',
        [round],
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
