import { createTestDatabase } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';

const CLIENTS = 1000;

/** How many of the rows that `update` changes, in a fleet that was just made, stay on their page and out of every index. */
async function heapOnlyShare(update: string): Promise<number> {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO clients (uuid, hostname, ip, model, os_version, app_version, "group")
       SELECT gen_random_uuid(), 'screen-' || n, '192.0.2.17', 'player', '12.5', '3.1.0', 'site ' || n % 50
       FROM generate_series(1, $1::int) n`,
      [CLIENTS],
    );
    await client.query('BEGIN');
    await client.query(update);
    const { rows } = await client.query<{ share: number }>(
      `SELECT sum(n_tup_hot_upd)::float8 / sum(n_tup_upd)::float8 AS share FROM pg_stat_xact_user_tables
       WHERE relname IN ('clients', 'client_states')`,
    );
    await client.query('ROLLBACK');
    return rows[0]?.share ?? 0;
  } finally {
    await client.end();
    await database.drop();
  }
}

describe('an update that no index is concerned with', () => {
  it('is that of a discovery with another address, also where half of a page comes back', async () => {
    const update = `UPDATE clients SET ip = '198.51.100.1', updated_at = now() WHERE right(hostname, 1) < '5'`;
    expect(await heapOnlyShare(update)).toBeGreaterThan(0.9);
  });

  it('is that of a heartbeat, a health report, a boot and a presence', async () => {
    const update = `UPDATE client_states SET last_alive = now(), last_message_at = now(), process_status = 'running',
      last_health_at = now(), cpu_percent = 12, mqtt_reconnect_count = 1, boot_id = 'boot-1', presence_online = true, presence_at = now()
      WHERE left(client_uuid::text, 1) IN ('0', '1')`;
    expect(await heapOnlyShare(update)).toBeGreaterThan(0.9);
  });
});
