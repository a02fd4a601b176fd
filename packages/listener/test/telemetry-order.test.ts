import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DatabaseClock } from '../src/telemetry/database-clock.ts';
import { writeTelemetry } from '../src/telemetry/write-telemetry.ts';
import { telemetryOf } from './telemetry-of.ts';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A pool whose telemetry statement reaches the database so much later than it was sent. */
function slowPool(delayMs: number): pg.Pool {
  const connect = async () => {
    const client = await pool.connect();
    return new Proxy(client, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (name !== 'query') return typeof value === 'function' ? value.bind(target) : value;
        return async (query: { name?: string }, ...rest: unknown[]) => {
          if (query.name === 'write_telemetry') await new Promise((resolve) => setTimeout(resolve, delayMs));
          return value.call(target, query, ...rest);
        };
      },
    });
  };
  return { connect } as unknown as pg.Pool;
}

const telemetry = (clientUuid: string, processStatus: 'running' | 'crashed') =>
  telemetryOf(clientUuid, { receivedAtMs: Date.now(), processStatus });

describe('telemetry of one client', () => {
  it('is stored in the order in which it came, however late the database began with the earlier batch', async () => {
    const clientUuid = randomUUID();
    await pool.query('INSERT INTO clients (uuid) VALUES ($1)', [clientUuid]);
    const clock = new DatabaseClock();
    const batch = { canaries: [], instance: 'listener-1', clock };
    const earlier = writeTelemetry(slowPool(200), {
      ...batch,
      clients: [telemetry(clientUuid, 'running')],
    });
    const later = telemetry(clientUuid, 'crashed');
    await earlier;
    await writeTelemetry(pool, { ...batch, clients: [later] });
    const { rows } = await pool.query(
      'SELECT process_status, last_alive <= clock_timestamp() AS is_past FROM client_states WHERE client_uuid = $1',
      [clientUuid],
    );
    expect(rows).toEqual([{ process_status: 'crashed', is_past: true }]);
  });

  it('changes nothing where another replica received it well before what is stored', async () => {
    const clientUuid = randomUUID();
    await pool.query('INSERT INTO clients (uuid) VALUES ($1)', [clientUuid]);
    const batch = { canaries: [], instance: 'listener-1', clock: new DatabaseClock() };
    await writeTelemetry(pool, { ...batch, clients: [telemetry(clientUuid, 'crashed')] });
    const old = { ...telemetry(clientUuid, 'running'), receivedAtMs: Date.now() - 5000 };
    await writeTelemetry(pool, { ...batch, clients: [old] });
    const { rows } = await pool.query('SELECT process_status FROM client_states WHERE client_uuid = $1', [
      clientUuid,
    ]);
    expect(rows).toEqual([{ process_status: 'crashed' }]);
  });
});
