import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { useServer } from './server-fixture.ts';

const server = useServer();
const viewer = () => server.as('viewer');
const admin = () => server.as('admin');

async function makeClient(body: Record<string, unknown> = {}): Promise<string> {
  const { body: answer } = await admin().post('/api/clients', { body });
  return answer.client.uuid;
}
const setState = (uuid: string, set: string) =>
  server.database.pool.query(`UPDATE client_states SET ${set} WHERE client_uuid = $1`, [uuid]);
const makeFailure = (uuid: string, unit: string, ago = '1 minute') =>
  server.database.pool.query(
    `INSERT INTO service_failures (client_uuid, unit, failed_at, reason) VALUES ($1, $2, now() - $3::interval, 'boom')`,
    [uuid, unit, ago],
  );
const ALIVE = 'last_message_at = now(), last_alive = now()';

describe('making a client', () => {
  it('answers it and the account of its screen, with a password that the database has only encrypted', async () => {
    const uuid = randomUUID();
    const { status, body } = await admin().post('/api/clients', {
      body: { uuid, hostname: 'hall', group: 'school' },
    });
    expect(status).toBe(201);
    expect(body.client).toMatchObject({
      uuid,
      hostname: 'hall',
      group: 'school',
      status: 'never_seen',
      is_alive: false,
    });
    expect(body.mqtt).toMatchObject({ username: uuid, applied: true });
    expect(Buffer.from(body.mqtt.password, 'base64url')).toHaveLength(32);
    const { rows } = await server.database.pool.query(
      'SELECT * FROM broker_accounts WHERE client_uuid = $1',
      [uuid],
    );
    expect(rows).toMatchObject([{ version: 1, desired: 'present', applied_version: null }]);
    expect(JSON.stringify(rows)).not.toContain(body.mqtt.password);
  });

  it('refuses a UUID that exists, and one that was deleted', async () => {
    const uuid = await makeClient();
    const again = () => admin().post('/api/clients', { body: { uuid } });
    expect((await again()).body.code).toBe('client_exists');
    await admin().delete(`/api/clients/${uuid}`);
    expect((await again()).body.code).toBe('client_deleted');
  });
});

describe('rotating credentials', () => {
  it('wants the next version with another password, and takes a pending client into the fleet', async () => {
    const uuid = randomUUID();
    await server.database.pool.query('INSERT INTO clients (uuid, pending) VALUES ($1, true)', [uuid]);
    const first = await admin().post(`/api/clients/${uuid}/rotate_credentials`);
    const second = await admin().post(`/api/clients/${uuid}/rotate_credentials`);
    expect([first.status, second.status, second.body.client.pending]).toEqual([201, 201, false]);
    expect(second.body.mqtt.password).not.toBe(first.body.mqtt.password);
    const { rows } = await server.database.pool.query(
      'SELECT version FROM broker_accounts WHERE client_uuid = $1',
      [uuid],
    );
    expect(rows).toEqual([{ version: 2 }]);
    expect((await admin().post(`/api/clients/${randomUUID()}/rotate_credentials`)).body.code).toBe(
      'client_not_found',
    );
  });
});

describe('deleting a client', () => {
  it('withdraws its account, ends its commands, keeps its history and takes it out of every list', async () => {
    const uuid = await makeClient({ hostname: 'doomed' });
    const published = await admin().post(`/api/clients/${uuid}/shutdown`);
    server.broker.connected = false;
    const queued = await admin().post(`/api/clients/${uuid}/restart`);
    server.broker.connected = true;
    await makeFailure(uuid, 'player');
    expect((await admin().delete(`/api/clients/${uuid}`)).status).toBe(204);

    const command = async (id: string) => (await viewer().get(`/api/clients/commands/${id}`)).body.command;
    expect((await command(queued.body.command.commandId)).status).toBe('cancelled');
    expect(await command(published.body.command.commandId)).toMatchObject({
      status: 'failed',
      errorCode: 'client_deleted',
    });
    const { rows } = await server.database.pool.query(
      'SELECT * FROM broker_accounts WHERE client_uuid = $1',
      [uuid],
    );
    expect(rows).toMatchObject([{ version: 2, desired: 'absent', password_sealed: null }]);
    for (const path of [`/api/clients/${uuid}`, `/api/clients/${uuid}/health`]) {
      expect((await viewer().get(path)).body.code).toBe('client_not_found');
    }
    expect((await viewer().get(`/api/clients/${uuid}/commands`)).body.items).toHaveLength(2);
    for (const path of ['/api/clients', '/api/clients/service_failed', '/api/clients/crashed']) {
      expect(JSON.stringify((await viewer().get(path, { query: { limit: 200 } })).body)).not.toContain(uuid);
    }
    for (const path of ['/api/clients/with_alive_status', '/api/monitoring/overview']) {
      expect((await viewer().get(path)).text).not.toContain(uuid);
    }
    for (const action of ['restart', 'rotate_credentials', 'clear_service_failed', 'reset_recovery']) {
      expect((await admin().post(`/api/clients/${uuid}/${action}`)).body.code).toBe('client_not_found');
    }
    expect((await admin().delete(`/api/clients/${uuid}`)).body.code).toBe('client_not_found');
  });
});

describe('the list of clients', () => {
  it('goes by name in pages, each client once', async () => {
    const group = randomUUID();
    const names = ['Beta', 'alpha', 'gamma', 'alpha'];
    for (const hostname of names) await makeClient({ hostname, group });
    await makeClient({ group });
    const seen: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const query = { group, limit: 2, ...(cursor === null ? {} : { cursor }) };
      const { body } = await viewer().get('/api/clients', { query });
      seen.push(...body.items.map((client: { hostname: string | null }) => client.hostname));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([null, 'alpha', 'alpha', 'Beta', 'gamma']);
  });

  it('is filtered by text as it stands, and by status', async () => {
    const uuid = await makeClient({ hostname: 'we_ird%name' });
    const found = async (query: Record<string, string>) =>
      (await viewer().get('/api/clients', { query: { ...query, limit: 200 } })).body.items.map(
        (client: { uuid: string }) => client.uuid,
      );
    expect(await found({ text: 'E_IRD%N' })).toEqual([uuid]);
    expect(await found({ text: 'we%name' })).toEqual([]);
    expect(await found({ text: uuid.slice(0, 13) })).toEqual([uuid]);
    expect(await found({ text: 'we_ird', status: 'healthy' })).toEqual([]);
    await setState(uuid, ALIVE);
    expect(await found({ text: 'we_ird', status: 'healthy' })).toEqual([uuid]);
  });
});

describe('a client', () => {
  it('is shown with its latest health, commands, boots and recovery', async () => {
    const uuid = await makeClient({ hostname: 'detailed' });
    await setState(
      uuid,
      `${ALIVE}, last_health_at = now(), cpu_percent = 12.5, process_status = 'running', clock_offset_ms = -1500`,
    );
    await admin().post(`/api/clients/${uuid}/restart_app`, { body: { reason: 'frozen' } });
    await server.database.pool.query(
      "INSERT INTO client_boots (client_uuid, boot_id) VALUES ($1, 'boot-1')",
      [uuid],
    );
    await server.database.pool.query(
      "INSERT INTO crash_recoveries (client_uuid, step, attempts, exhausted_at) VALUES ($1, 'exhausted', 4, now())",
      [uuid],
    );
    const { body } = await viewer().get(`/api/clients/${uuid}`);
    expect(body).toMatchObject({
      status: 'degraded',
      is_alive: true,
      clock_offset_s: -1.5,
      latest_health: { cpu_percent: 12.5, process_status: 'running' },
      recent_commands: [{ action: 'restart_app', reason: 'frozen' }],
      recent_boots: [{ boot_id: 'boot-1', command_id: null }],
      recovery: { step: 'exhausted', attempts: 4, next_at: null, exhausted_at: expect.any(String) },
      recovery_exhausted: true,
      lockout: [
        { action: 'reboot_host', remaining: 3, free_at: null },
        { action: 'restart_app', remaining: 2, free_at: expect.any(String) },
      ],
    });
    const listed = await viewer().get('/api/clients', { query: { text: uuid } });
    expect(listed.body.items[0].recovery).toEqual(body.recovery);
    const reset = await admin().post(`/api/clients/${uuid}/reset_recovery`);
    expect(reset.body.client).toMatchObject({ recovery_exhausted: false, recovery: null });
  });
});

describe('with_alive_status', () => {
  it('is a plain array of every client', async () => {
    const uuid = await makeClient({ hostname: 'pulse' });
    await setState(uuid, `${ALIVE}, mqtt_reconnect_count = 7, mqtt_last_disconnect_at = now()`);
    await makeFailure(uuid, 'old', '2 hours');
    await makeFailure(uuid, 'new');
    const { body } = await viewer().get('/api/clients/with_alive_status');
    expect(Array.isArray(body)).toBe(true);
    const entry = body.find((client: { uuid: string }) => client.uuid === uuid);
    expect(entry).toMatchObject({ is_alive: true, mqtt_reconnect_count: 7, service_failed_unit: 'new' });
    await setState(uuid, "last_alive = now() - interval '181 seconds'");
    const later = (await viewer().get('/api/clients/with_alive_status')).body;
    expect(later.find((client: { uuid: string }) => client.uuid === uuid).is_alive).toBe(false);
  });
});

describe('crashed clients', () => {
  it('are those whose process crashed and those whose heartbeat is stale', async () => {
    const [crashed, stale, fine, unseen] = await Promise.all(
      ['c1', 'c2', 'c3', 'c4'].map((hostname) => makeClient({ hostname })),
    );
    await setState(crashed ?? '', `${ALIVE}, process_status = 'crashed'`);
    await setState(stale ?? '', "last_message_at = now(), last_alive = now() - interval '10 minutes'");
    await setState(fine ?? '', ALIVE);
    const { body } = await viewer().get('/api/clients/crashed', { query: { limit: 200 } });
    const reasons = Object.fromEntries(
      body.items.map((client: { uuid: string; crash_reason: string }) => [client.uuid, client.crash_reason]),
    );
    expect([reasons[crashed ?? ''], reasons[stale ?? '']]).toEqual(['process_crashed', 'heartbeat_stale']);
    expect([reasons[fine ?? ''], reasons[unseen ?? '']]).toEqual([undefined, undefined]);
  });
});

describe('service failures', () => {
  it('are listed newest first and cleared by name, one unit or all', async () => {
    const uuid = await makeClient({ hostname: 'failing' });
    await makeFailure(uuid, 'player', '3 minutes');
    await makeFailure(uuid, 'network', '2 minutes');
    await makeFailure(uuid, 'disk', '1 minute');
    const open = async () =>
      (await viewer().get('/api/clients/service_failed', { query: { limit: 200 } })).body.items
        .filter((failure: { client_uuid: string }) => failure.client_uuid === uuid)
        .map((failure: { unit: string }) => failure.unit);
    expect(await open()).toEqual(['disk', 'network', 'player']);
    const clear = (body: Record<string, string>) =>
      admin().post(`/api/clients/${uuid}/clear_service_failed`, { body });
    const one = await clear({ unit: 'network', comment: 'cable' });
    expect(one.body.cleared).toMatchObject([{ unit: 'network', cleared_by: 'admin' }]);
    expect((await clear({ unit: 'network' })).body.code).toBe('no_open_failure');
    expect((await clear({})).body.cleared).toHaveLength(2);
    expect(await open()).toEqual([]);
    const audit = await server
      .as('superadmin')
      .get('/api/audit', { query: { target: uuid, action: 'clearServiceFailed', outcome: 'success' } });
    expect(audit.body.items.at(-1)).toMatchObject({
      actor: 'admin',
      detail: { units: ['network'], comment: 'cable' },
    });
  });
});

describe('the failures of a client', () => {
  it('are listed newest first in pages, open and cleared, also when it was deleted', async () => {
    const [uuid, other] = [await makeClient(), await makeClient()];
    await makeFailure(uuid, 'player', '3 minutes');
    await makeFailure(uuid, 'network', '2 minutes');
    await makeFailure(uuid, 'disk', '1 minute');
    await makeFailure(other, 'elsewhere');
    await admin().post(`/api/clients/${uuid}/clear_service_failed`, {
      body: { unit: 'network', comment: 'cable' },
    });
    await admin().delete(`/api/clients/${uuid}`);
    const page = async (query: Record<string, string | number>) =>
      (await viewer().get(`/api/clients/${uuid}/service_failures`, { query })).body;
    const first = await page({ limit: 2 });
    expect(first.items).toMatchObject([
      { unit: 'disk', cleared_at: null },
      { unit: 'network', cleared_by: 'admin', comment: 'cable' },
    ]);
    const second = await page({ limit: 2, cursor: first.nextCursor });
    expect(second).toMatchObject({ items: [{ unit: 'player' }], nextCursor: null });
    expect((await viewer().get(`/api/clients/${randomUUID()}/service_failures`)).body.code).toBe(
      'client_not_found',
    );
  });
});

describe('the health of a client', () => {
  it('is thinned to 1,000 points of the range, in order, and keeps a crash', async () => {
    const uuid = await makeClient();
    await server.database.pool.query(
      `INSERT INTO health_samples (client_uuid, received_at, cpu_percent, process_status)
       SELECT $1, '2030-01-01T00:00:00Z'::timestamptz + n * interval '10 seconds', n % 100,
         CASE WHEN n = 4321 THEN 'crashed' ELSE 'running' END
       FROM generate_series(0, 8639) n`,
      [uuid],
    );
    const read = async (from: string, to: string) =>
      (await viewer().get(`/api/clients/${uuid}/health`, { query: { from, to } })).body.items as {
        at: string;
        process_status: string;
      }[];
    const day = await read('2030-01-01T00:00:00Z', '2030-01-02T00:00:00Z');
    expect(day).toHaveLength(1000);
    expect(day.map(({ at }) => at)).toEqual(day.map(({ at }) => at).toSorted());
    expect(day.filter(({ process_status }) => process_status === 'crashed')).toHaveLength(1);
    expect(await read('2030-01-01T00:00:00Z', '2030-01-01T01:00:00+00:00')).toHaveLength(360);
    expect(await read('2031-01-01T00:00:00Z', '2031-01-02T00:00:00Z')).toEqual([]);
  });
});
