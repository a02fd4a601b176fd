import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { useServer } from './server-fixture.ts';

const server = useServer();
const audit = async (query: Record<string, string | number>) =>
  (await server.as('superadmin').get('/api/audit', { query })).body;

describe('the audit log', () => {
  it('has every write, with who, what and to whom, and no secret', async () => {
    const { body } = await server.as('admin').post('/api/clients', { body: { hostname: 'audited' } });
    await server.as('admin').post(`/api/clients/${body.client.uuid}/restart`, { body: { reason: 'frozen' } });
    const { items } = await audit({ target: body.client.uuid });
    expect(items).toMatchObject([
      {
        action: 'restartClient',
        actor: 'admin',
        outcome: 'success',
        status_code: 202,
        detail: { reason: 'frozen' },
      },
      { action: 'createClient', actor: 'admin', outcome: 'success', status_code: 201, count: 1 },
    ]);
    expect(JSON.stringify(items)).not.toContain(body.mqtt.password);
  });

  it('has every refusal; equal ones of a minute are one row with a count', async () => {
    const uuid = randomUUID();
    for (let count = 0; count < 5; count += 1) await server.as('viewer').post(`/api/clients/${uuid}/restart`);
    await server.as('viewer').post(`/api/clients/${uuid}/shutdown`);
    const { items } = await audit({ target: uuid, outcome: 'refused' });
    const restarts = items.filter(({ action }: { action: string }) => action === 'restartClient');
    const total = restarts.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
    expect(total).toBe(5);
    expect(restarts.length).toBeLessThanOrEqual(2);
    expect(restarts[0]).toMatchObject({ actor: 'viewer', error_code: 'forbidden', status_code: 403 });
  });

  it('has reads that were refused, log-ins that failed and lockouts', async () => {
    await server.anonymous.get('/api/clients');
    await server.anonymous.post('/api/auth/login', { body: { username: 'viewer', password: 'wrong' } });
    for (const username of ['My Secret Password!', 'looks-like-a-name-1'])
      await server.anonymous.post('/api/auth/login', { body: { username, password: 'x' } });
    const { body } = await server.as('admin').post('/api/clients', { body: {} });
    for (let count = 0; count < 4; count += 1)
      await server.as('admin').post(`/api/clients/${body.client.uuid}/restart`);
    const refused = (await audit({ outcome: 'refused', limit: 200 })).items.map(
      ({ action, error_code, target }: Record<string, unknown>) => [action, error_code, target],
    );
    expect(refused).toContainEqual(['listClients', 'not_authenticated', null]);
    expect(refused).toContainEqual(['logIn', 'invalid_credentials', 'viewer']);
    expect(refused).toContainEqual(['logIn', 'invalid_credentials', '(unknown user)']);
    expect(JSON.stringify(refused)).not.toMatch(/looks-like|my secret/i);
    expect(refused).toContainEqual(['restartClient', 'safety_lockout', body.client.uuid]);
  });

  it('has a write whose text is no valid Unicode', async () => {
    const { body } = await server.as('admin').post('/api/clients', { body: {} });
    const { uuid } = body.client;
    await server.database.pool.query(
      "INSERT INTO service_failures (client_uuid, unit, failed_at) VALUES ($1, 'player.service', now())",
      [uuid],
    );
    const comment = 'half a pair: \ud800';
    await server.as('admin').post(`/api/clients/${uuid}/clear_service_failed`, { body: { comment } });
    const { items } = await audit({ target: uuid, action: 'clearServiceFailed' });
    expect(items).toMatchObject([{ actor: 'admin', detail: { comment: 'half a pair: \ufffd' } }]);
  });

  it('is read in pages, newest first, by actor and time', async () => {
    const first = await audit({ limit: 2, actor: 'admin' });
    const second = await audit({ limit: 2, actor: 'admin', cursor: first.nextCursor });
    const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => Number(id));
    expect(ids).toEqual(ids.toSorted((left, right) => right - left));
    expect(new Set(ids).size).toBe(ids.length);
    expect((await audit({ to: '2000-01-01T00:00:00Z' })).items).toEqual([]);
  });
});
