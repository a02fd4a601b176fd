import { randomUUID } from 'node:crypto';
import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { api } from './api-client.ts';
import { useServer } from './server-fixture.ts';

const server = useServer();
const admin = () => server.as('admin');
const viewer = () => server.as('viewer');

async function makeClient(): Promise<string> {
  return (await admin().post('/api/clients', { body: {} })).body.client.uuid;
}
const restart = (uuid: string, action = 'restart') =>
  admin().post(`/api/clients/${uuid}/${action}`, { body: { reason: 'test' } });

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe.each([
  ['restart', 'reboot_host'],
  ['shutdown', 'shutdown_host'],
  ['restart_app', 'restart_app'],
])('POST %s', (path, action) => {
  it('stores the command, publishes it at once and answers 202 with it', async () => {
    const uuid = await makeClient();
    const { status, body } = await restart(uuid, path);
    expect(status).toBe(202);
    expect(body.command).toMatchObject({
      clientUuid: uuid,
      action,
      status: 'published',
      reason: 'test',
      requestedBy: 'admin',
    });
    const sent = server.broker.published.filter(({ topic }) => topic.includes(uuid));
    expect(sent.map(({ topic }) => topic)).toEqual([
      `infoscreen/${uuid}/commands`,
      `infoscreen/${uuid}/command`,
    ]);
    for (const { payload } of sent) {
      expect(JSON.parse(payload)).toMatchObject({
        schema_version: '1.0',
        command_id: body.command.commandId,
        action,
      });
    }
  });

  it('answers 404 for a client that nobody knows', async () => {
    expect((await restart(randomUUID(), path)).body.code).toBe('client_not_found');
  });
});

describe('a command whose broker is away or silent', () => {
  it('is accepted and stays queued while the broker is away', async () => {
    const uuid = await makeClient();
    server.broker.connected = false;
    const { status, body } = await restart(uuid);
    server.broker.connected = true;
    expect([status, body.command.status]).toEqual([202, 'queued']);
  });

  it('is answered after 2 s at most while the broker does not acknowledge', async () => {
    const uuid = await makeClient();
    const { promise, resolve: acknowledge } = withResolvers();
    server.broker.answer = promise;
    const startedAt = Date.now();
    const { status, body } = await restart(uuid);
    expect([status, body.command.status]).toEqual([202, 'publish_in_progress']);
    // Without a limit it would never be answered.
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    acknowledge();
    server.broker.answer = Promise.resolve();
  });

  it('is accepted although publishing fails', async () => {
    const uuid = await makeClient();
    server.broker.answer = Promise.reject(new Error('connection lost'));
    server.broker.answer.catch(() => undefined);
    const { status, body } = await restart(uuid);
    server.broker.answer = Promise.resolve();
    expect([status, body.command.status]).toEqual([202, 'publish_in_progress']);
  });
});

describe('commands of one client that are asked for together', () => {
  it('are each answered as published: a later one waits for its turn', async () => {
    const uuid = await makeClient();
    const { promise, resolve: acknowledge } = withResolvers();
    server.broker.answer = promise;
    const [restarted, appRestarted] = await Promise.all([
      restart(uuid),
      restart(uuid, 'restart_app'),
      bothAreStored(uuid).then(acknowledge),
    ]);
    server.broker.answer = Promise.resolve();
    expect([restarted, appRestarted].map(({ body }) => body.command.status)).toEqual([
      'published',
      'published',
    ]);
  });

  it('are answered after 2 s where the first is still under way', async () => {
    const uuid = await makeClient();
    const { promise, resolve: acknowledge } = withResolvers();
    server.broker.answer = promise;
    const answers = await Promise.all([restart(uuid), restart(uuid, 'restart_app')]);
    expect(new Set(answers.map(({ body }) => body.command.status))).toEqual(
      new Set(['publish_in_progress', 'queued']),
    );
    acknowledge();
    server.broker.answer = Promise.resolve();
  });
});

/** One is claimed; the other has looked for its turn in vain, or is about to. */
async function bothAreStored(uuid: string): Promise<void> {
  await eventually(async () => {
    const { body } = await admin().get(`/api/clients/${uuid}/commands`);
    const statuses: string[] = body.items.map((command: { status: string }) => command.status);
    return statuses.includes('publish_in_progress') && statuses.includes('queued');
  });
}

describe('the lockout', () => {
  it('stores the fourth as blocked_safety, answers 429 with it and says when to try again', async () => {
    const uuid = await makeClient();
    for (let count = 0; count < 3; count += 1) expect((await restart(uuid)).status).toBe(202);
    const { status, body, headers } = await restart(uuid);
    expect([status, body.code]).toEqual([429, 'safety_lockout']);
    expect(body.command).toMatchObject({
      clientUuid: uuid,
      status: 'blocked_safety',
      errorCode: 'safety_lockout',
    });
    expect(Number(headers['retry-after'])).toBeGreaterThan(890);
    expect(server.broker.published.filter(({ topic }) => topic.includes(uuid))).toHaveLength(6);
    expect((await restart(uuid, 'restart_app')).status).toBe(202);
    expect((await restart(uuid, 'shutdown')).status).toBe(202);
  });

  it('admits exactly 3 of 20 requests to two replicas at the same moment', async () => {
    const uuid = await makeClient();
    const other = api(server.replica(), admin().cookie);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? admin() : other).post(`/api/clients/${uuid}/restart`),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(3);
    expect(
      answers.filter(({ status, body }) => status === 429 && body.command.status === 'blocked_safety'),
    ).toHaveLength(17);
  });
});

describe('a stored command', () => {
  it('is read with its timeline, in the history of its client, by filter and in pages', async () => {
    const uuid = await makeClient();
    const { body } = await restart(uuid);
    await restart(uuid, 'shutdown');
    const read = await viewer().get(`/api/clients/commands/${body.command.commandId}`);
    expect(read.body.command.timeline.map((step: { to: string }) => step.to)).toEqual([
      'queued',
      'publish_in_progress',
      'published',
    ]);
    const history = (query = {}) => viewer().get(`/api/clients/${uuid}/commands`, { query });
    const first = await history({ limit: 1 });
    expect(first.body.items).toMatchObject([{ action: 'shutdown_host' }]);
    const second = await history({ limit: 1, cursor: first.body.nextCursor });
    expect(second.body).toMatchObject({ items: [{ action: 'reboot_host' }], nextCursor: null });
    expect((await history({ action: 'reboot_host', status: 'published' })).body.items).toHaveLength(1);
    expect((await history({ cursor: 'abc' })).body.errors).toMatchObject([{ in: 'query', path: 'cursor' }]);
    expect((await viewer().get(`/api/clients/commands/${randomUUID()}`)).body.code).toBe('command_not_found');
    expect((await viewer().get(`/api/clients/${randomUUID()}/commands`)).body.code).toBe('client_not_found');
  });

  it('is cancelled while it is queued, and only then', async () => {
    const uuid = await makeClient();
    const published = await restart(uuid);
    server.broker.connected = false;
    const queued = await restart(uuid);
    server.broker.connected = true;
    const cancel = (id: string) => admin().post(`/api/clients/commands/${id}/cancel`);
    expect((await cancel(queued.body.command.commandId)).body.command).toMatchObject({ status: 'cancelled' });
    const refused = await cancel(published.body.command.commandId);
    expect([refused.status, refused.body.code, refused.body.command.status]).toEqual([
      409,
      'command_not_cancellable',
      'published',
    ]);
    expect((await cancel(randomUUID())).body.code).toBe('command_not_found');
  });
});
