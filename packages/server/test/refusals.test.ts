import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTurns } from '../src/http/turns.ts';
import { api } from './api-client.ts';
import { useServer } from './server-fixture.ts';

const server = useServer();

describe('refusals without end', () => {
  it('leave the connections to others: two at a time are written down', async () => {
    const { pool } = server.database;
    const waiting = async () => {
      const { rows } = await pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length;
    };
    const client = new pg.Client({ connectionString: server.ownerUrl() });
    await client.connect();
    await client.query('BEGIN; LOCK TABLE audit_log IN SHARE MODE');
    const refused = Promise.all(Array.from({ length: 30 }, () => server.as('viewer').get('/api/users')));
    await eventually(async () => (await waiting()) > 0);
    expect((await server.as('viewer').get('/api/clients')).status).toBe(200);
    expect(await waiting()).toBeLessThanOrEqual(2);
    await client.query('ROLLBACK');
    await client.end();
    for (const { status } of await refused) expect(status).toBe(403);
    const { rows } = await pool.query(
      "SELECT sum(count)::int AS total FROM audit_log WHERE action = 'listUsers'",
    );
    expect(rows).toEqual([{ total: 30 }]);
  });
});

it('refusals of a stranger are one row of each minute, from however many addresses of an IPv6 line', async () => {
  const app = server.replica({ trustProxy: 1 });
  for (let host = 1; host <= 20; host += 1)
    await api(app).get('/api/audit', { headers: { 'x-forwarded-for': `2001:db8:7:7::${host}` } });
  await api(app).get('/api/audit', { headers: { 'x-forwarded-for': '192.0.2.7' } });
  const { rows } = await server.database.pool.query<{ ip: string; total: number; entries: number }>(
    `SELECT ip, sum(count)::int AS total, count(*)::int AS entries FROM audit_log
     WHERE action = 'listAudit' GROUP BY ip ORDER BY ip`,
  );
  expect(rows.map(({ ip, total }) => [ip, total])).toEqual([
    ['192.0.2.7', 1],
    ['2001:db8:7:7::/64', 20],
  ]);
  // Two where a minute ended in between.
  expect(rows[1]?.entries).toBeLessThanOrEqual(2);
});

describe('taking turns', () => {
  it('runs so much at a time, in order, and refuses what may not even wait', async () => {
    const inTurn = createTurns({ parallel: 1, waiting: 1, refusal: () => new Error('full') });
    const order: string[] = [];
    let end: () => void = () => undefined;
    const first = inTurn(() => new Promise<void>((resolve) => (end = resolve))).then(() =>
      order.push('first'),
    );
    const second = inTurn(() => Promise.reject(new Error('failed'))).catch(() => order.push('second'));
    await expect(inTurn(() => Promise.resolve())).rejects.toThrow('full');
    end();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    await expect(inTurn(() => Promise.resolve('free again'))).resolves.toBe('free again');
  });
});
