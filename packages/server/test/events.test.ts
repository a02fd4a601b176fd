import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventKind } from '@infoscreen/shared-types';
import { eventually } from '@infoscreen/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { OPEN_STREAMS } from '../src/events/event-streams.ts';
import { createHttpServer, drain } from '../src/http/create-http-server.ts';
import { type EventReader, readEvents } from './event-reader.ts';
import { addUser, logIn, PASSWORD, type Replica, useServer } from './server-fixture.ts';

const server = useServer();

interface Running extends Replica {
  readonly http: Server;
  readonly url: string;
}
async function run(replica: Replica): Promise<Running> {
  const http = createHttpServer(replica.app);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  replica.events.start();
  const { port } = http.address() as AddressInfo;
  return { ...replica, http, url: `http://127.0.0.1:${port}/api/events` };
}
async function stop({ events, http }: Running): Promise<void> {
  await events.stop();
  await drain(http);
}

let one: Running;
let other: Running;
const readers: EventReader[] = [];
async function open(
  url: string,
  {
    cookie = server.as('viewer').cookie,
    lastEventId,
  }: { cookie?: string | undefined; lastEventId?: string } = {},
): Promise<EventReader> {
  const reader = await readEvents(url, { cookie, ...(lastEventId === undefined ? {} : { lastEventId }) });
  readers.push(reader);
  return reader;
}
async function newUser(): Promise<{ cookie: string; username: string; id: string }> {
  const username = `u${randomUUID().slice(0, 8)}`;
  const { id } = await addUser(server.database, { username, role: 'viewer' });
  return { cookie: (await logIn(server.api, username)).cookie ?? '', username, id };
}
const makeClient = async (): Promise<string> =>
  (await server.as('admin').post('/api/clients', { body: {} })).body.client.uuid;
const fail = (uuid: string) =>
  server.database.pool.query(
    "INSERT INTO service_failures (client_uuid, unit, failed_at) VALUES ($1, 'player', now())",
    [uuid],
  );

describe('live events', () => {
  beforeAll(async () => {
    [one, other] = [await run(server.replica()), await run(server.replica())];
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });
  afterAll(async () => {
    await Promise.all([stop(one), stop(other)]);
  });

  describe('GET /api/events', () => {
    it('is an event stream that no proxy keeps back, counted as answered when it opens', async () => {
      const { response } = await open(one.url);
      expect([response.statusCode, response.headers['content-type']]).toEqual([
        200,
        'text/event-stream; charset=utf-8',
      ]);
      expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      const head = await fetch(one.url, {
        method: 'HEAD',
        headers: { cookie: server.as('viewer').cookie ?? '' },
      });
      expect([head.status, head.headers.get('content-type')]).toEqual([
        200,
        'text/event-stream; charset=utf-8',
      ]);
      const metrics = await (await fetch(new URL('/metrics', one.url))).text();
      expect(metrics).toMatch(
        /infoscreen_http_request_duration_seconds_count\{[^}]*route="\/api\/events",status="200"/,
      );
      expect(metrics).toMatch(/infoscreen_event_streams\{[^}]*\} 1\n/);
    });

    it('tells on every replica what any of them, or a device, changed', async () => {
      const streams = [await open(one.url), await open(other.url)];
      const uuid = await makeClient();
      const { body } = await server.as('admin').post(`/api/clients/${uuid}/restart_app`);
      await fail(uuid);
      for (const stream of streams) {
        await stream.sees('client', { uuid });
        await stream.sees('command', { commandId: body.command.commandId, clientUuid: uuid });
        await stream.sees('failure', { uuid });
      }
    });

    it('tells of a status that changes because nothing comes any more', async () => {
      const uuid = await makeClient();
      const reader = await open(one.url);
      await server.database.pool.query(
        "UPDATE client_states SET last_message_at = now() - interval '1 hour' WHERE client_uuid = $1",
        [uuid],
      );
      await reader.sees('client', { uuid });
      const before = reader.events().length;
      await server.database.pool.query(
        'UPDATE client_states SET last_message_at = now(), last_alive = now() WHERE client_uuid = $1',
        [uuid],
      );
      await eventually(() =>
        reader
          .events()
          .slice(before)
          .some(({ data }) => data['uuid'] === uuid),
      );
    });

    it('tells that a replica of a service came', async () => {
      const reader = await open(one.url);
      // The first look only notes what there is.
      await eventually(
        async () => {
          await server.database.pool.query(
            `INSERT INTO service_instances (instance, service, version, started_at, last_seen_at, report)
         VALUES ($1, 'listener', '1', now(), now(), '{"ready": true, "mqtt": null, "loops": []}')`,
            [randomUUID()],
          );
          return reader.events().some(({ event }) => event === 'system');
        },
        { deadlineMs: 20_000, intervalMs: 1000 },
      );
    });
  });

  describe("a viewer's stream", () => {
    /** What is to be read anew when an event of this kind comes. */
    const READ_ANEW = {
      client: ({ uuid }) => `/api/clients/${uuid}`,
      command: ({ commandId }) => `/api/clients/commands/${commandId}`,
      failure: ({ uuid }) => `/api/clients/${uuid}/service_failures`,
      system: () => '/api/monitoring/system',
      reset: () => '/api/clients',
    } as const satisfies Record<EventKind, (data: Readonly<Record<string, string>>) => string>;

    it('tells of what a viewer may read, and of nothing that only others see', async () => {
      const reader = await open(one.url);
      const superadmin = server.as('superadmin');
      const unseen = [
        await superadmin.post('/api/users', {
          body: { username: 'unseen', role: 'admin', password: PASSWORD },
        }),
        await superadmin.post('/api/tokens', { body: { name: 'unseen', role: 'viewer' } }),
        await superadmin.post('/api/enrolment_tokens', { body: {} }),
        await superadmin.post('/api/auth/login', { body: { username: 'unseen', password: 'not it' } }),
      ];
      expect(unseen.map(({ status }) => status)).toEqual([201, 201, 201, 401]);
      const uuid = await makeClient();
      const { body } = await server.as('admin').post(`/api/clients/${uuid}/restart_app`);
      const { commandId } = body.command;
      await fail(uuid);
      await reader.sees('client', { uuid });
      await reader.sees('command', { commandId, clientUuid: uuid });
      await reader.sees('failure', { uuid });
      const told = reader.events().filter(({ event }) => event !== 'system');
      expect(told.filter(({ data }) => (data['uuid'] ?? data['clientUuid']) !== uuid)).toEqual([]);
      for (const [kind, pathOf] of Object.entries(READ_ANEW)) {
        const answer = await server.as('viewer').get(pathOf({ uuid, commandId }));
        expect([kind, answer.status]).toEqual([kind, 200]);
      }
    });
  });

  describe('a stream that broke', () => {
    it('goes on at another replica after its last event', async () => {
      const first = await open(one.url);
      const seen = await makeClient();
      await first.sees('client', { uuid: seen });
      const lastEventId = first.lastId();
      first.close();
      const missed = await makeClient();
      const second = await open(other.url, { lastEventId });
      await second.sees('client', { uuid: missed });
      await second.sees('system', {});
      expect(second.events().map(({ data }) => data['uuid'])).not.toContain(seen);
      const later = await makeClient();
      await second.sees('client', { uuid: later });
    });

    it('goes on also for a caller that cannot send the header', async () => {
      const first = await open(one.url);
      await eventually(() => first.lastId() !== '');
      const missed = await makeClient();
      const second = await open(`${other.url}?last_event_id=${encodeURIComponent(first.lastId())}`);
      await second.sees('client', { uuid: missed });
    });

    it.each(['', 'nonsense', '1764000000.5:5:', '99999999999.5:5:'])(
      'starts anew where its position is none, or of long ago: %s',
      async (lastEventId) => {
        const reader = await open(one.url, { lastEventId });
        await reader.sees('reset', {});
        const uuid = await makeClient();
        await reader.sees('client', { uuid });
      },
    );
  });

  describe('a stream ends', () => {
    it.each([
      [
        'its user logs out',
        async ({ cookie }: { cookie: string }) => {
          await fetch(new URL('/api/auth/logout', one.url), { method: 'POST', headers: { cookie } });
        },
      ],
      [
        'its user is disabled',
        async ({ id }: { id: string }) => {
          await server.as('superadmin').patch(`/api/users/${id}`, { body: { disabled: true } });
        },
      ],
      [
        'its user gets another role',
        async ({ id }: { id: string }) => {
          await server.as('superadmin').patch(`/api/users/${id}`, { body: { role: 'admin' } });
        },
      ],
      [
        'its session was not used for too long',
        async ({ id }: { id: string }) => {
          const { rowCount } = await server.database.pool.query(
            "UPDATE user_sessions SET expire = now() - interval '1 second' WHERE sess::text LIKE '%' || $1 || '%'",
            [id],
          );
          expect(rowCount).toBe(1);
        },
      ],
    ])('when %s, with no event more', async (_when, endSession) => {
      const user = await newUser();
      const [reader, witness] = [await open(one.url, user), await open(one.url)];
      const before = await makeClient();
      await reader.sees('client', { uuid: before });
      await endSession(user);
      const after = await makeClient();
      await witness.sees('client', { uuid: after });
      await eventually(reader.hasEnded);
      expect(reader.events().map(({ data }) => data['uuid'])).not.toContain(after);
    });

    it('when the session ends though nothing happens', async () => {
      const user = await newUser();
      const reader = await open(one.url, user);
      await fetch(new URL('/api/auth/logout', other.url), {
        method: 'POST',
        headers: { cookie: user.cookie },
      });
      await eventually(reader.hasEnded);
    });

    it('when its server stops, which does not wait for it', async () => {
      const stopped = await run(server.replica());
      const reader = await open(stopped.url);
      await stopped.events.stop();
      await eventually(reader.hasEnded);
      const refused = await fetch(stopped.url, { headers: { cookie: server.as('viewer').cookie ?? '' } });
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        503,
        'unavailable',
      ]);
      await drain(stopped.http);
    });
  });

  describe('streams of one user', () => {
    it('are at most 10, also when they are asked for at the same moment, and one that ended makes room', async () => {
      const { cookie } = await newUser();
      const asked = await Promise.all(Array.from({ length: 15 }, () => open(one.url, { cookie })));
      const [opened, refused] = [200, 429].map((status) =>
        asked.filter(({ response }) => response.statusCode === status),
      );
      expect([opened?.length, refused?.length]).toEqual([OPEN_STREAMS.perUser, 15 - OPEN_STREAMS.perUser]);
      opened?.[0]?.close();
      await eventually(async () => (await open(one.url, { cookie })).response.statusCode === 200);
      expect((await open(one.url)).response.statusCode).toBe(200);
    });
  });

  describe('the connection that wakes the streams', () => {
    it('may be lost: changes are told all the same, and it comes back', async () => {
      const reader = await open(one.url);
      const { rowCount } = await server.database.pool.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'server-test listens'",
      );
      expect(rowCount).toBe(2);
      const uuid = await makeClient();
      await reader.sees('client', { uuid });
      await eventually(async () => {
        const { rows } = await server.database.pool.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'server-test listens'",
        );
        return rows.length === 2;
      });
    });
  });
});
