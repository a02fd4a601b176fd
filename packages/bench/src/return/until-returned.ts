import { setTimeout as pause } from 'node:timers/promises';
import type { TestDatabase } from '@infoscreen/test-kit';
import pg from 'pg';
import { addressAfter } from '../load/comeback.ts';

/** A look reads every client, so it is rarer with many; still it is a small part of what is measured. */
const CLIENTS_PER_MS_BETWEEN = 100;
const MIN_BETWEEN_MS = 100;

/** What of each client must be visible: of its health report, of its heartbeat, of its discovery. */
const SIGNS = [
  ['health report', 'SELECT count(*)::int AS n FROM client_states WHERE uptime_seconds = $1'],
  [
    'health sample',
    'SELECT count(DISTINCT client_uuid)::int AS n FROM health_samples WHERE received_at > $1',
  ],
  ['sign of life', 'SELECT count(*)::int AS n FROM client_states WHERE last_alive > $1'],
  ['discovery', 'SELECT count(*)::int AS n FROM clients WHERE ip = $1'],
  ['boot', 'SELECT count(*)::int AS n FROM client_states WHERE boot_id LIKE $1'],
] as const;

export interface Comeback {
  readonly clients: number;
  readonly comeback: number;
  readonly since: Date;
  readonly deadlineMs: number;
}

/**
 * Looks into the database until everything that every client told at this comeback is visible.
 * @returns when that was seen, milliseconds since the epoch
 * @throws after `deadlineMs`, with what is missing
 */
export async function untilReturned(
  database: TestDatabase,
  { clients, comeback, since, deadlineMs }: Comeback,
): Promise<number> {
  const values: Record<(typeof SIGNS)[number][0], unknown[]> = {
    'health report': [comeback],
    'health sample': [since],
    'sign of life': [since],
    discovery: [addressAfter(comeback)],
    boot: [`boot-%-${comeback}`],
  };
  const client = new pg.Client({ connectionString: database.url, application_name: 'bench' });
  await client.connect();
  try {
    const giveUpAt = Date.now() + deadlineMs;
    for (const [sign, sql] of SIGNS) {
      for (;;) {
        const { rows } = await client.query<{ n: number }>(sql, values[sign]);
        const visible = rows[0]?.n ?? 0;
        if (visible === clients) break;
        if (Date.now() > giveUpAt)
          throw new Error(`of ${clients} clients, ${visible} have their ${sign} stored`);
        await pause(Math.max(MIN_BETWEEN_MS, clients / CLIENTS_PER_MS_BETWEEN));
      }
    }
    return Date.now();
  } finally {
    await client.end();
  }
}
