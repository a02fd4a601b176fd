import { LIFETIMES, removeOldRows } from '@infoscreen/scheduler';
import { describe, expect, it } from '@jest/globals';
import { createScreen, useDatabase } from './scheduler-fixture.ts';

const database = useDatabase();

describe('retention', () => {
  it('removes what is past its lifetime and keeps the rest', async () => {
    const uuid = await createScreen(database.pool);
    await database.pool.query(
      `INSERT INTO health_samples (client_uuid, received_at)
       SELECT $1, now() - make_interval(hours => h, mins => 30) FROM generate_series(1, 3000) h`,
      [uuid],
    );
    await database.pool.query(
      `INSERT INTO rejected_messages (received_at, topic, reason, payload_bytes, payload_head)
       VALUES (now() - interval '15 days', 't', 'invalid_json', 0, ''), (now() - interval '13 days', 't', 'invalid_json', 0, '')`,
    );
    await database.pool.query(
      `INSERT INTO user_sessions (sid, sess, expire) VALUES ('old', '{}', now() - interval '1 second'), ('new', '{}', now() + interval '1 hour')`,
    );
    const removed = await removeOldRows(database);
    expect(removed).toEqual({ health_samples: 3000 - 30 * 24 + 1, rejected_messages: 1, user_sessions: 1 });
    expect(await removeOldRows(database)).toEqual({});
  });

  it('takes a command with its timeline, once it has long ended', async () => {
    const uuid = await createScreen(database.pool);
    await database.pool.query(
      `INSERT INTO client_commands (command_id, client_uuid, action, status, requested_by, counts_for_lockout, created_at, expires_at, finished_at)
       SELECT gen_random_uuid(), $1, 'restart_app', 'completed', 'anna', true, t, t, t
       FROM unnest(ARRAY[now() - interval '366 days', now() - interval '364 days']) t`,
      [uuid],
    );
    expect(await removeOldRows(database)).toEqual({ client_commands: 1 });
  });

  it('takes addresses that nobody has logged in from for a month, and tokens that ended a year ago', async () => {
    const { rows } = await database.pool.query(
      `INSERT INTO users (username, password_hash, role) VALUES ('anna', 'none', 'viewer') RETURNING id`,
    );
    await database.pool.query(
      `INSERT INTO known_login_addresses (user_id, address, last_login_at)
       SELECT $1, t::text, t FROM unnest(ARRAY[now() - interval '31 days', now() - interval '29 days']) t`,
      [rows[0].id],
    );
    await database.pool.query(
      `INSERT INTO api_tokens (user_id, name, role, token_hash, expires_at)
       SELECT $1, 'bot', 'viewer', t::text, t FROM unnest(ARRAY[now() - interval '366 days', now() - interval '364 days']) t`,
      [rows[0].id],
    );
    expect(await removeOldRows(database)).toEqual({ known_login_addresses: 1, api_tokens: 1 });
  });

  it('takes boots of long ago, but never the present one', async () => {
    const uuid = await createScreen(database.pool);
    await database.pool.query("UPDATE client_states SET boot_id = 'present' WHERE client_uuid = $1", [uuid]);
    await database.pool.query(
      `INSERT INTO client_boots (client_uuid, boot_id, first_seen_at)
       SELECT $1, boot, now() - interval '400 days' FROM unnest(ARRAY['earlier', 'present']) boot`,
      [uuid],
    );
    expect(await removeOldRows(database)).toEqual({ client_boots: 1 });
    const { rows } = await database.pool.query('SELECT boot_id FROM client_boots WHERE client_uuid = $1', [
      uuid,
    ]);
    expect(rows).toEqual([{ boot_id: 'present' }]);
  });

  it('waits for nobody: a row that another process holds is left for the next time', async () => {
    await database.pool.query(
      `INSERT INTO rejected_messages (received_at, topic, reason, payload_bytes, payload_head)
       SELECT now() - interval '15 days', topic, 'invalid_json', 0, '' FROM unnest(ARRAY['held', 'free']) topic`,
    );
    const holder = await database.pool.connect();
    await holder.query("BEGIN; SELECT FROM rejected_messages WHERE topic = 'held' FOR UPDATE");
    expect(await removeOldRows(database)).toEqual({ rejected_messages: 1 });
    await holder.query('ROLLBACK');
    holder.release();
    expect(await removeOldRows(database)).toEqual({ rejected_messages: 1 });
  });

  it('removes more than the health history of 10,000 screens grows by until its next run', async () => {
    const uuid = await createScreen(database.pool);
    await database.pool.query(
      `INSERT INTO health_samples (client_uuid, received_at)
       SELECT $1, now() - interval '31 days' - make_interval(secs => s) FROM generate_series(1, 110000) s`,
      [uuid],
    );
    expect(await removeOldRows(database)).toEqual({ health_samples: 110_000 });
  });

  it('ends early when it is to stop', async () => {
    await database.pool.query(
      `INSERT INTO rejected_messages (received_at, topic, reason, payload_bytes, payload_head)
       VALUES (now() - interval '15 days', 't', 'invalid_json', 0, '')`,
    );
    expect(await removeOldRows(database, AbortSignal.abort())).toEqual({});
    expect(await removeOldRows(database)).toEqual({ rejected_messages: 1 });
  });

  it('names only tables and columns that exist', async () => {
    for (const { table, isOld } of LIFETIMES) {
      await expect(
        database.pool.query(`SELECT count(*) FROM ${table} WHERE ${isOld}`),
      ).resolves.toBeDefined();
    }
  });
});
