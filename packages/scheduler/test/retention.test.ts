import { LIFETIMES, recordUnfinishedWrites, removeOldRows } from '@infoscreen/scheduler';
import { describe, expect, it } from '@jest/globals';
import { createScreen, useDatabase } from './scheduler-fixture.ts';

const database = useDatabase();

describe('writes that began and of which nobody recorded the end', () => {
  it('are in the audit log as unknown after a minute, once, however many schedulers look', async () => {
    const begin = 'SELECT note_write_begun($1, $2, NULL, $3, $4, $5, $6)';
    for (const request of ['dead', 'under way'])
      await database.pool.query(begin, [
        request,
        'anna',
        'deleteClient',
        'a uuid',
        '10.0.0.1',
        '{"token":"a name"}',
      ]);
    await database.asOwner(
      "UPDATE audit_pending SET started_at = now() - interval '61 seconds' WHERE request_id = 'dead'",
    );
    const runs = await Promise.all(Array.from({ length: 4 }, () => recordUnfinishedWrites(database)));
    expect(runs.reduce((sum, { recorded }) => sum + recorded, 0)).toBe(1);
    const { rows } = await database.pool.query(
      `SELECT actor, action, target, ip, detail, outcome, status_code, request_id, last_at - at > interval '1 minute' AS is_late
       FROM audit_log`,
    );
    expect(rows).toEqual([
      {
        actor: 'anna',
        action: 'deleteClient',
        target: 'a uuid',
        ip: '10.0.0.1',
        detail: { token: 'a name' },
        outcome: 'unknown',
        status_code: 0,
        request_id: 'dead',
        is_late: true,
      },
    ]);
  });
});

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

  it('takes entries of the audit log through the function that keeps the others', async () => {
    const days = [731, 729, 0];
    for (const age of days)
      await database.asOwner(
        `INSERT INTO audit_log (at, last_at, action, outcome, status_code)
         SELECT t, t, 'aged', 'success', 200 FROM (SELECT now() - make_interval(days => $1)) AS aged (t)`,
        [age],
      );
    expect(await removeOldRows(database)).toEqual({ audit_log: 1 });
    const { rows } = await database.pool.query(
      "SELECT count(*)::int AS left FROM audit_log WHERE action = 'aged'",
    );
    expect(rows).toEqual([{ left: 2 }]);
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
