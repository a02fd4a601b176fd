import { randomUUID } from 'node:crypto';
import { publishDueCommands } from '@infoscreen/commands';
import { describe, expect, it } from '@jest/globals';
import { api } from './api-client.ts';
import { appSettings, logger, useServer } from './server-fixture.ts';

const server = useServer();
const admin = () => server.as('admin');

interface Item {
  readonly client_uuid: string;
  readonly outcome: string;
  readonly command: {
    readonly commandId: string;
    readonly status: string;
    readonly clientUuid: string;
  } | null;
}

async function makeClients(count: number): Promise<string[]> {
  const uuids = Array.from({ length: count }, () => randomUUID());
  await server.database.pool.query('INSERT INTO clients (uuid) SELECT unnest($1::uuid[])', [uuids]);
  return uuids;
}
const send = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  admin().post('/api/commands/bulk', { body: { action: 'restart_app', ...body }, headers });
async function storedCommands(uuids: readonly string[]) {
  const { rows } = await server.database.pool.query<{ client_uuid: string; status: string }>(
    'SELECT client_uuid, status FROM client_commands WHERE client_uuid = ANY ($1::uuid[])',
    [uuids],
  );
  return rows;
}

describe('a command to many screens', () => {
  it('has a result for each, in the order of the request, and goes out at once', async () => {
    const [known, locked, other] = (await makeClients(3)) as [string, string, string];
    for (let count = 0; count < 3; count += 1) await admin().post(`/api/clients/${locked}/restart_app`);
    const unknown = randomUUID();
    const { status, body } = await send({ client_uuids: [known, unknown, locked, other], reason: 'update' });
    expect(status).toBe(200);
    const items: Item[] = body.items;
    expect(items.map(({ client_uuid, outcome }) => [client_uuid, outcome])).toEqual([
      [known, 'accepted'],
      [unknown, 'client_not_found'],
      [locked, 'blocked_safety'],
      [other, 'accepted'],
    ]);
    expect(items.map(({ command }) => command?.status ?? null)).toEqual([
      'published',
      null,
      'blocked_safety',
      'published',
    ]);
    for (const uuid of [known, other])
      expect(server.broker.published.some(({ topic }) => topic === `infoscreen/${uuid}/commands`)).toBe(true);
  });

  it('is one row of the audit log, with counts and the first of the clients', async () => {
    const uuids = await makeClients(60);
    await send({ client_uuids: uuids, reason: 'audited' });
    const { body } = await server
      .as('superadmin')
      .get('/api/audit', { query: { action: 'sendBulkCommand', outcome: 'success' } });
    const entries = body.items.filter(
      ({ detail }: { detail: { reason?: string } }) => detail.reason === 'audited',
    );
    expect(entries).toMatchObject([
      {
        actor: 'admin',
        detail: {
          action: 'restart_app',
          clients: 60,
          accepted: 60,
          blocked_safety: 0,
          client_not_found: 0,
          client_uuids: uuids.slice(0, 50),
        },
      },
    ]);
  });

  it('is answered in time although the broker is silent, and the outbox sends the rest', async () => {
    const uuids = await makeClients(20);
    let acknowledge: () => void = () => {};
    server.broker.answer = new Promise((resolve) => {
      acknowledge = resolve;
    });
    const { status, body } = await send({ client_uuids: uuids });
    const statuses = (body.items as Item[]).map(({ command }) => command?.status);
    expect(status).toBe(200);
    expect(statuses.filter((each) => each === 'publish_in_progress')).toHaveLength(8);
    expect(statuses.filter((each) => each === 'queued')).toHaveLength(12);
    acknowledge();
    server.broker.answer = Promise.resolve();
    const { pool } = server.database;
    await pool.query(
      'UPDATE client_commands SET next_publish_at = now() WHERE client_uuid = ANY ($1::uuid[])',
      [uuids],
    );
    const outbox = {
      pool,
      broker: server.broker,
      settings: appSettings.lifecycle,
      instance: 'scheduler-1',
      logger,
    };
    await publishDueCommands(outbox, { limit: 100 });
    expect((await storedCommands(uuids)).filter((row) => row.status === 'queued')).toEqual([]);
  });

  it('happens once for each client with the same Idempotency-Key, on whichever replica', async () => {
    const uuids = await makeClients(25);
    const headers = { 'idempotency-key': randomUUID() };
    const body = { action: 'restart_app', client_uuids: uuids };
    const other = api(server.replica(), admin().cookie);
    const answers = await Promise.all([
      admin().post('/api/commands/bulk', { body, headers }),
      other.post('/api/commands/bulk', { body, headers }),
    ]);
    const again = await other.post('/api/commands/bulk', { body, headers });
    for (const { status } of answers) expect([200, 409]).toContain(status);
    expect(again.body).toEqual(answers.find(({ status }) => status === 200)?.body);
    expect(await storedCommands(uuids)).toHaveLength(25);
  });

  it('goes on where it was broken off, with the same Idempotency-Key', async () => {
    const uuids = await makeClients(12);
    const headers = { 'idempotency-key': randomUUID() };
    const holder = await server.database.pool.connect();
    await holder.query('BEGIN');
    await holder.query("SELECT pg_advisory_xact_lock(hashtextextended('infoscreen command ' || $1, 0))", [
      uuids[6],
    ]);
    const broken = await send({ client_uuids: uuids }, headers);
    await holder.query('COMMIT');
    holder.release();
    expect([broken.status, broken.body.code]).toEqual([503, 'unavailable']);
    const first = await storedCommands(uuids);
    expect(first.length).toBeGreaterThan(0);
    expect(first.map((row) => row.client_uuid)).not.toContain(uuids[6]);
    expect(first.filter((row) => row.status !== 'published')).toEqual([]);
    const whole = await send({ client_uuids: uuids }, headers);
    expect((whole.body.items as Item[]).filter(({ outcome }) => outcome !== 'accepted')).toEqual([]);
    expect(await storedCommands(uuids)).toHaveLength(12);
  });

  it('shuts screens down only when that is said twice', async () => {
    const uuids = await makeClients(2);
    const shutDown = { action: 'shutdown_host', client_uuids: uuids };
    for (const body of [shutDown, { ...shutDown, confirm: 'yes' }]) {
      const refused = await send(body);
      expect([refused.status, refused.body.errors]).toMatchObject([400, [{ in: 'body', path: 'confirm' }]]);
    }
    expect(await storedCommands(uuids)).toEqual([]);
    const { status } = await send({ ...shutDown, confirm: 'shutdown_host' });
    expect(status).toBe(200);
    expect(await storedCommands(uuids)).toHaveLength(2);
  });

  it('names 1 to 500 clients, each once', async () => {
    const [uuid] = await makeClients(1);
    const many = Array.from({ length: 501 }, () => randomUUID());
    for (const client_uuids of [[], [uuid, uuid?.toUpperCase()], many, 'all']) {
      const { status, body } = await send({ client_uuids });
      expect([status, body.errors]).toMatchObject([400, [{ in: 'body', path: 'client_uuids' }]]);
    }
    expect((await send({ client_uuids: many.slice(1) })).status).toBe(200);
  });
});
