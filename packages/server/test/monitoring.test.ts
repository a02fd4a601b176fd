import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { useServer } from './server-fixture.ts';

const server = useServer();
const system = async () => (await server.as('viewer').get('/api/monitoring/system')).body;
const get = (path: string) => request(server.api.app).get(path);
const query = (text: string) => server.database.pool.query(text);

const REPORT = `'{"ready": true, "mqtt": {"connected": true, "since": null}, "loops": []}'`;

describe('GET /api/monitoring/system', () => {
  it('says what is missing, and is healthy when every part is up', async () => {
    const empty = await system();
    expect(empty.healthy).toBe(false);
    expect(empty.problems).toEqual(
      expect.arrayContaining([
        'No server is running.',
        'No listener is running.',
        'No scheduler is running.',
      ]),
    );
    await query(
      `INSERT INTO service_instances (instance, service, version, started_at, last_seen_at, report)
       SELECT s || '-1', s, '1', now(), now(), ${REPORT} FROM unnest(ARRAY['server', 'listener', 'scheduler']) s`,
    );
    await query(
      `INSERT INTO listener_lanes (lane, holder, lease_until, acks_stored_at, telemetry_stored_at)
       SELECT n, 'listener-1', now() + interval '1 minute', now(), now() FROM generate_series(0, 1) n`,
    );
    expect(await system()).toMatchObject({
      healthy: true,
      problems: [],
      database: { up: true },
      broker: { up: true },
    });
  });

  it('names a replica that is silent, a lane without a holder, one that stores nothing, and a broker that is away', async () => {
    await query(
      "UPDATE service_instances SET last_seen_at = now() - interval '16 seconds' WHERE service = 'scheduler'",
    );
    await query('UPDATE listener_lanes SET lease_until = now() WHERE lane = 0');
    await query("UPDATE listener_lanes SET acks_stored_at = now() - interval '21 seconds' WHERE lane = 1");
    server.broker.connected = false;
    const { healthy, problems, ingest } = await system();
    server.broker.connected = true;
    expect(healthy).toBe(false);
    expect(problems).toHaveLength(4);
    expect(ingest.lanes).toMatchObject([
      { up: false, holder: null },
      { up: false, holder: 'listener-1' },
    ]);
    expect(ingest.lanes[1].lag_s).toBeGreaterThan(20);
  });

  it('tells a loop that fails from one of a replica that has only just begun', async () => {
    const loops = JSON.stringify([
      { name: 'outbox', last_success_at: null, healthy: false, last_error: null },
      { name: 'expiry_sweep', last_success_at: null, healthy: false, last_error: 'no connection' },
    ]);
    await query(
      `UPDATE service_instances SET last_seen_at = now(), report = jsonb_set(report::jsonb, '{loops}', '${loops}')
       WHERE service = 'scheduler'`,
    );
    expect((await system()).problems).toEqual(
      expect.arrayContaining([
        'Loop outbox of scheduler scheduler-1 has not succeeded yet.',
        'Loop expiry_sweep of scheduler scheduler-1 has not succeeded in time: no connection.',
      ]),
    );
  });

  it('names a screen whose surplus a listener refuses', async () => {
    const uuid = randomUUID();
    const report = { ready: true, mqtt: null, loops: [], rate_limited_clients: [uuid] };
    await query(
      `INSERT INTO service_instances (service, instance, version, started_at, last_seen_at, report)
       VALUES ('listener', 'l1', '1', now(), now(), '${JSON.stringify(report)}')`,
    );
    expect((await system()).problems).toContain(
      `Screen ${uuid} sends more than is taken of one: its surplus is refused.`,
    );
  });

  it('names screen accounts that the broker has not taken', async () => {
    await server.as('admin').post('/api/clients', { body: {} });
    expect((await system()).broker.accounts_pending).toBe(1);
  });
});

describe('GET /api/monitoring/overview', () => {
  it('has totals and every client', async () => {
    const { body } = await server.as('admin').post('/api/clients', { body: { hostname: 'seen' } });
    await query(`UPDATE client_states SET last_message_at = now(), last_alive = now(), last_health_at = now(), cpu_percent = 3
      WHERE client_uuid = '${body.client.uuid}'`);
    const overview = (await server.as('viewer').get('/api/monitoring/overview')).body;
    expect(overview.totals).toMatchObject({ clients: 2, alive: 1, by_status: { healthy: 1, never_seen: 1 } });
    const seen = overview.clients.find((client: { hostname: string }) => client.hostname === 'seen');
    expect(seen).toMatchObject({ status: 'healthy', last_health: { cpu_percent: 3 } });
  });
});

describe('operations', () => {
  it('is alive and ready, also while the broker is away, and not while it stops', async () => {
    expect((await get('/healthz')).body).toEqual({ status: 'ok' });
    server.broker.connected = false;
    const ready = await get('/readyz');
    expect([ready.status, ready.body.broker]).toEqual([200, { connected: false }]);
    server.broker.connected = true;
    server.stopping = true;
    expect((await get('/readyz')).status).toBe(503);
    server.stopping = false;
  });

  it('counts requests by route, never by client', async () => {
    const { text } = await get('/metrics');
    expect(text).toMatch(
      /infoscreen_http_request_duration_seconds_count\{[^}]*route="\/api\/monitoring\/system"/,
    );
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('shows the documentation from its own files, under a strict content security policy', async () => {
    const page = await get('/api/docs');
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none';script-src 'self'/);
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|upgrade-insecure/);
    expect(page.headers['strict-transport-security']).toBeUndefined();
    expect(page.text).not.toMatch(/<script>/);
    for (const [, path = ''] of page.text.matchAll(/(?:src|href)="([^"]+)"/g))
      expect((await get(path)).status).toBe(200);
  });

  it('describes answers that may grow', async () => {
    const { body } = await get('/api/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(JSON.stringify(body)).not.toContain('"additionalProperties":false');
    expect(Object.keys(body.components.schemas)).toEqual(
      expect.arrayContaining(['Client', 'Command', 'Problem']),
    );
  });
});
