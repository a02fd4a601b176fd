import { randomUUID } from 'node:crypto';
import { createMetrics } from '@infoscreen/service-kit';
import { DISCOVERY_ALIAS_TOPIC, deviceTopic } from '@infoscreen/shared-types';
import { createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type RejectedMessage, RejectionBook } from '../src/rejections/rejection-book.ts';

const ROWS_PER_MINUTE = 25;

describe('the book of refused messages', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let metrics: ReturnType<typeof createMetrics>;
  let book: RejectionBook;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
  });
  beforeEach(async () => {
    await pool.query('DELETE FROM rejected_messages');
    metrics = createMetrics({ service: 'listener', instance: 'listener-1' });
    book = new RejectionBook(pool, metrics, ROWS_PER_MINUTE);
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const refused = (over: Partial<RejectedMessage> = {}): RejectedMessage => ({
    topic: DISCOVERY_ALIAS_TOPIC,
    payload: Buffer.from('{}'),
    clientUuid: undefined,
    reason: 'too_many_pending_clients',
    detail: 'a test',
    ...over,
  });
  const rowCount = async () =>
    (await pool.query('SELECT count(*)::int AS n FROM rejected_messages')).rows[0].n as number;
  const counted = async (name: string) =>
    Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(await metrics.text())?.[1] ?? 0);

  it('keeps so many rows a minute of one client, and counts all: rows and those without one add up', async () => {
    const clientUuid = randomUUID();
    for (let n = 0; n < 100; n += 1) {
      await book.record(refused({ topic: deviceTopic(clientUuid, 'health'), clientUuid }));
    }
    expect(await rowCount()).toBe(ROWS_PER_MINUTE);
    expect(await counted('infoscreen_rejected_messages_total')).toBe(100);
    expect(await counted('infoscreen_rejected_messages_not_stored_total')).toBe(100 - ROWS_PER_MINUTE);
  });

  it('keeps no more rows of a device that names ever new clients on the alias', async () => {
    for (let n = 0; n < 100; n += 1) await book.record(refused({ clientUuid: randomUUID() }));
    expect(await rowCount()).toBe(ROWS_PER_MINUTE);
    expect(await counted('infoscreen_rejected_messages_total')).toBe(100);
  });

  it('writes what comes while a row is being written together, and each of them once', async () => {
    let statements = 0;
    const counting = {
      query: (text: string, values: unknown[]) => {
        statements += 1;
        return pool.query(text, values);
      },
    } as unknown as pg.Pool;
    const busy = new RejectionBook(counting, metrics, 5000);
    const recorded = Array.from({ length: 400 }, (_, n) =>
      busy.record(refused({ payload: Buffer.from(`{"n":${n}}`), detail: `number ${n}` })),
    );
    await Promise.all(recorded);
    expect(statements).toBe(2);
    expect(busy.waiting).toBe(0);
    const { rows } = await pool.query(
      'SELECT count(DISTINCT detail)::int AS kinds, count(DISTINCT payload_head)::int AS heads FROM rejected_messages',
    );
    expect(rows[0]).toEqual({ kinds: 400, heads: 400 });
    expect(await rowCount()).toBe(400);
    expect(await counted('infoscreen_rejected_messages_total')).toBe(400);
  });

  it('also writes what is recorded in the moment in which the last row was written', async () => {
    await book.record(refused()).then(() => book.record(refused()));
    expect(await rowCount()).toBe(2);
  });

  it('counts a message whose row can’t be stored, when it is told that there is no second try', async () => {
    const away = { query: () => Promise.reject(new Error('no database')) } as unknown as pg.Pool;
    const lonely = new RejectionBook(away, metrics, ROWS_PER_MINUTE);
    await expect(lonely.record(refused())).rejects.toThrow('no database');
    expect(await counted('infoscreen_rejected_messages_total')).toBe(0);
    lonely.countOnly('invalid_json');
    expect(await counted('infoscreen_rejected_messages_total')).toBe(1);
    expect(await counted('infoscreen_rejected_messages_not_stored_total')).toBe(1);
  });
});
