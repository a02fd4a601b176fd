import { createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

let database: TestDatabase;
let service: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  service = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterAll(async () => {
  await service.end();
  await database.drop();
});

const WRITE = 'SELECT record_write($1, $2, NULL, $3, $4, $5, $6, $7, $8, NULL)';
const write = (action: string, { outcome = 'success', target = 'one', detail = '{}' } = {}) =>
  service.query(WRITE, [`request of ${action}`, 'anna', action, target, '10.0.0.1', detail, outcome, 200]);
const refuse = (action: string) =>
  service.query(
    "SELECT record_refusal('r', 'anna', NULL, $1, 'one', '10.0.0.1', '{\"token\": \"x\"}', 403, 'forbidden')",
    [action],
  );
const entries = async (action: string) =>
  database.asOwner<Record<string, unknown>>('SELECT * FROM audit_log WHERE action = $1 ORDER BY id', [
    action,
  ]);

describe('the role of the services', () => {
  const OWNER = 'postgres';
  it.each([
    ['UPDATE', "UPDATE audit_log SET actor = 'nobody'"],
    ['UPDATE of one column', 'UPDATE audit_log SET count = 1'],
    ['DELETE', 'DELETE FROM audit_log'],
    ['TRUNCATE', 'TRUNCATE audit_log'],
    ['INSERT with a forged time', "INSERT INTO audit_log (action, at) VALUES ('x', '2001-01-01')"],
    ['INSERT with a forged count', "INSERT INTO audit_log (action, count) VALUES ('x', 9)"],
    ['INSERT at all', "INSERT INTO audit_log (action, outcome, status_code) VALUES ('x', 'success', 200)"],
    ['COPY into it', "COPY audit_log FROM PROGRAM 'true'"],
    ['MERGE', 'MERGE INTO audit_log a USING audit_log b ON a.id = b.id WHEN MATCHED THEN DELETE'],
    ['SELECT FOR UPDATE', 'SELECT FROM audit_log FOR UPDATE'],
    ['ALTER', 'ALTER TABLE audit_log ALTER COLUMN actor DROP NOT NULL'],
    ['a change of owner', 'ALTER TABLE audit_log OWNER TO CURRENT_USER'],
    ['DROP', 'DROP TABLE audit_log'],
    ['DISABLE TRIGGER', 'ALTER TABLE audit_log DISABLE TRIGGER ALL'],
    ['a rule', 'CREATE RULE quiet AS ON INSERT TO audit_log DO INSTEAD NOTHING'],
    ['a trigger', 'CREATE TRIGGER t BEFORE INSERT ON audit_log EXECUTE FUNCTION create_client_state()'],
    [
      'rights that it gives itself',
      "GRANT ALL ON audit_log TO CURRENT_USER; UPDATE audit_log SET actor = ''",
    ],
    ['another body of a function', 'ALTER FUNCTION remove_old_audit_entries RESET search_path'],
    ['tables of its own', 'CREATE TABLE public.mine (id int)'],
    ['the role of the owner', `SET ROLE ${OWNER}`],
    ['a session of the owner', `SET SESSION AUTHORIZATION ${OWNER}`],
    ['triggers that sleep', "SET session_replication_role = 'replica'"],
    ['DELETE of a note', 'DELETE FROM audit_pending'],
    ['UPDATE of a note', 'UPDATE audit_pending SET started_at = now()'],
    ['another version of the schema', 'UPDATE schema_compatibility SET version = 1'],
    ['the list of migrations', 'DELETE FROM _prisma_migrations'],
  ])('has no right to %s', async (_what, statement) => {
    await write('kept');
    const before = await entries('kept');
    await expect(service.query(statement)).rejects.toMatchObject({
      code: '42501',
    });
    expect(await entries('kept')).toEqual(before);
  });

  it('reads the audit log', async () => {
    await write('read');
    const { rows } = await service.query("SELECT actor, at FROM audit_log WHERE action = 'read'");
    expect(rows).toMatchObject([{ actor: 'anna' }]);
  });
});

describe('an entry', () => {
  it('has the time of the database', async () => {
    await write('timed');
    const [{ is_now } = { is_now: false }] = await database.asOwner<{ is_now: boolean }>(
      "SELECT at BETWEEN now() - interval '1 minute' AND now() AND at = last_at AND count = 1 AS is_now FROM audit_log WHERE action = 'timed'",
    );
    expect(is_now).toBe(true);
  });

  it('is never a refusal that was not counted as one, nor an outcome that does not exist', async () => {
    for (const outcome of ['refused', 'done', null]) {
      await expect(write('odd', { outcome: outcome as string })).rejects.toThrow('success or unknown');
    }
  });

  it('is bounded, whatever a service says', async () => {
    await write('bounded', {
      target: 'x'.repeat(9000),
      detail: JSON.stringify({ text: 'x'.repeat(40_000) }),
    });
    expect(await entries('bounded')).toMatchObject([
      { target: 'x'.repeat(255), detail: { left_out: 'longer than 32 KiB' } },
    ]);
  });
});

describe('a refusal', () => {
  it('raises the count of the present minute, and none of an earlier one', async () => {
    await refuse('counted');
    await refuse('counted');
    const [{ total, rows } = { total: 0, rows: 0 }] = await database.asOwner<{ total: number; rows: number }>(
      "SELECT sum(count)::int AS total, count(*)::int AS rows FROM audit_log WHERE action = 'counted'",
    );
    expect(total).toBe(2);
    expect(rows).toBeLessThanOrEqual(2);
    // As it would stand there if these had come a minute earlier.
    await database.asOwner(
      "UPDATE audit_log SET at = at - interval '1 minute', refusal_key = 'earlier' || id WHERE action = 'counted'",
    );
    const before = await entries('counted');
    await refuse('counted');
    const after = await entries('counted');
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.at(-1)).toMatchObject({ count: 1 });
    expect(after).toHaveLength(before.length + 1);
  });

  it('takes its key from the minute, so that the next minute has a row of its own', async () => {
    await refuse('keyed');
    const [first] = await entries('keyed');
    const keyOf = async (minute: string) => {
      const [row] = await database.asOwner<{ key: string }>(
        `SELECT encode(sha256(convert_to(jsonb_build_array('10.0.0.1', NULL::uuid, 'keyed', 'one', 'forbidden',
           detail, ${minute})::text, 'UTF8')), 'hex') AS key FROM audit_log WHERE action = 'keyed'`,
      );
      return row?.key;
    };
    expect(first).toMatchObject({ refusal_key: await keyOf("date_trunc('minute', at)") });
    const nextMinute = await keyOf("date_trunc('minute', at) + interval '1 minute'");
    expect(first).not.toMatchObject({ refusal_key: nextMinute });
  });
});

describe('a note of a write that has begun', () => {
  const note = (request: string) =>
    service.query("SELECT note_write_begun($1, 'anna', NULL, 'createClient', NULL, '10.0.0.1', NULL)", [
      request,
    ]);
  const notes = async (request: string) =>
    database.asOwner('SELECT FROM audit_pending WHERE request_id = $1', [request]);
  const recordUnfinished = async () => (await service.query('SELECT record_unfinished_writes(100)')).rowCount;

  it('goes with the entry of its request', async () => {
    await note('request of ended');
    await write('ended');
    expect(await notes('request of ended')).toHaveLength(0);
  });

  it('stays for a minute, and is an entry with the time of its beginning then', async () => {
    await note('young');
    await note('old');
    await database.asOwner(
      "UPDATE audit_pending SET started_at = '2026-01-01T12:00:00Z' WHERE request_id = 'old'",
    );
    await recordUnfinished();
    expect(await notes('young')).toHaveLength(1);
    expect(await notes('old')).toHaveLength(0);
    expect(await database.asOwner("SELECT * FROM audit_log WHERE request_id = 'old'")).toMatchObject([
      { outcome: 'unknown', actor: 'anna', action: 'createClient', at: new Date('2026-01-01T12:00:00Z') },
    ]);
  });

  it('needs no wait for the disk, since the write that follows waits', async () => {
    const client = await service.connect();
    await client.query('BEGIN; SET LOCAL synchronous_commit = on');
    await client.query(
      "SELECT note_write_begun('quick', 'anna', NULL, 'createClient', NULL, '10.0.0.1', NULL)",
    );
    const { rows } = await client.query('SHOW synchronous_commit');
    await client.query('COMMIT');
    client.release();
    expect(rows).toEqual([{ synchronous_commit: 'off' }]);
  });
});

describe('retention', () => {
  const remove = async (days: number | null) =>
    (await service.query<{ removed: number }>('SELECT remove_old_audit_entries($1, 10) AS removed', [days]))
      .rows[0]?.removed;

  it('removes an entry of 731 days and leaves one of 729', async () => {
    for (const action of ['731 days', '729 days']) {
      await write(action);
      await database.asOwner(
        'UPDATE audit_log SET at = now() - $2::interval, last_at = now() - $2::interval WHERE action = $1',
        [action, action],
      );
    }
    expect(await remove(730)).toBe(1);
    expect([await entries('731 days'), await entries('729 days')]).toMatchObject([[], [{}]]);
  });

  it.each([729, 1, 0, -1, null])('refuses a period of %s days, with a sentence', async (days) => {
    await write('recent');
    await expect(remove(days)).rejects.toThrow('keeps its entries for at least 730 days');
    expect((await entries('recent')).length).toBeGreaterThan(0);
  });
});
