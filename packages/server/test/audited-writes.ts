import { randomUUID } from 'node:crypto';
import type { Api } from './api-client.ts';
import { addUser, logIn, PASSWORD, type TestServer } from './server-fixture.ts';

/** One request that writes. */
export interface Write {
  readonly by: Api;
  readonly path: string;
  readonly body?: unknown;
  /** User name that the audit log has to name; null where a screen calls. */
  readonly actor: string | null;
}

const NEW_PASSWORD = 'quite another phrase 7';
let counter = 0;
const fresh = (name: string) => {
  counter += 1;
  return `${name}-${counter}`;
};

/** A user of the test's own, and a session of it. */
export async function freshUser(server: TestServer, role: 'viewer' | 'admin' = 'viewer') {
  const username = fresh('person');
  const { id } = await addUser(server.database, { username, role });
  return { id, username, by: await logIn(server.api, username) };
}

export async function freshClient(server: TestServer): Promise<string> {
  return (await server.as('admin').post('/api/clients', { body: {} })).body.client.uuid;
}

export async function freshCommand(server: TestServer, connected = true): Promise<string> {
  server.broker.connected = connected;
  const uuid = await freshClient(server);
  const { body } = await server.as('admin').post(`/api/clients/${uuid}/shutdown`);
  server.broker.connected = true;
  return body.command.commandId;
}

export async function openFailure(server: TestServer, uuid: string): Promise<void> {
  await server.database.pool.query(
    "INSERT INTO service_failures (client_uuid, unit, failed_at) VALUES ($1, 'player.service', now())",
    [uuid],
  );
}

export async function enrolmentToken(server: TestServer): Promise<{ id: string; token: string }> {
  const { body } = await server.as('admin').post('/api/enrolment_tokens', { body: { uses: 5 } });
  return { id: body.enrolment_token.id, token: body.token };
}

const byAdmin = (server: TestServer, path: string, body?: unknown): Write => ({
  by: server.as('admin'),
  path,
  body,
  actor: 'admin',
});
const ofClient = (segment: string) => async (server: TestServer) =>
  byAdmin(server, `/api/clients/${await freshClient(server)}${segment}`, segment === '' ? undefined : {});

/** For each route that writes, a request that succeeds. A route that isn't listed fails the test. */
export const WRITES: Readonly<Record<string, (server: TestServer) => Promise<Write>>> = {
  'post /api/auth/login': async (server) => {
    const { username: actor } = await freshUser(server);
    return {
      by: server.anonymous,
      path: '/api/auth/login',
      body: { username: actor, password: PASSWORD },
      actor,
    };
  },
  'post /api/auth/logout': async (server) => {
    const { by, username } = await freshUser(server);
    return { by, path: '/api/auth/logout', actor: username };
  },
  'post /api/auth/change-password': async (server) => {
    const { by, username } = await freshUser(server);
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    return { by, path: '/api/auth/change-password', body, actor: username };
  },
  'delete /api/auth/sessions/{id}': async (server) => {
    const { by, username } = await freshUser(server);
    await logIn(server.api, username);
    const { body } = await by.get('/api/auth/sessions');
    return { by, path: `/api/auth/sessions/${body.items[0].id}`, actor: username };
  },
  'post /api/auth/sessions/revoke_others': async (server) => {
    const { by, username } = await freshUser(server);
    return { by, path: '/api/auth/sessions/revoke_others', actor: username };
  },
  'post /api/tokens': async (server) => {
    const { by, username } = await freshUser(server);
    return { by, path: '/api/tokens', body: { name: 'a program', role: 'viewer' }, actor: username };
  },
  'delete /api/tokens/{id}': async (server) => {
    const { by, username } = await freshUser(server);
    const { body } = await by.post('/api/tokens', { body: { name: 'a program', role: 'viewer' } });
    return { by, path: `/api/tokens/${body.token.id}`, actor: username };
  },
  'post /api/clients': async (server) => byAdmin(server, '/api/clients', { hostname: 'hall' }),
  'delete /api/clients/{uuid}': ofClient(''),
  'post /api/clients/{uuid}/rotate_credentials': ofClient('/rotate_credentials'),
  'post /api/clients/{uuid}/reset_recovery': ofClient('/reset_recovery'),
  'post /api/clients/{uuid}/clear_service_failed': async (server) => {
    const uuid = await freshClient(server);
    await openFailure(server, uuid);
    return byAdmin(server, `/api/clients/${uuid}/clear_service_failed`, { comment: 'seen' });
  },
  'post /api/clients/{uuid}/restart': ofClient('/restart'),
  'post /api/clients/{uuid}/shutdown': ofClient('/shutdown'),
  'post /api/clients/{uuid}/restart_app': ofClient('/restart_app'),
  'post /api/commands/bulk': async (server) =>
    byAdmin(server, '/api/commands/bulk', {
      action: 'restart_app',
      client_uuids: [await freshClient(server)],
    }),
  'post /api/clients/commands/{command_id}/cancel': async (server) =>
    byAdmin(server, `/api/clients/commands/${await freshCommand(server, false)}/cancel`, {}),
  'post /api/enroll': async (server) => ({
    by: server.anonymous,
    path: '/api/enroll',
    body: { token: (await enrolmentToken(server)).token },
    actor: null,
  }),
  'post /api/enrolment_tokens': async (server) =>
    byAdmin(server, '/api/enrolment_tokens', { description: 'for the hall' }),
  'delete /api/enrolment_tokens/{id}': async (server) =>
    byAdmin(server, `/api/enrolment_tokens/${(await enrolmentToken(server)).id}`),
  'post /api/users': async (server) => ({
    by: server.as('superadmin'),
    path: '/api/users',
    body: { username: fresh('made'), role: 'viewer', password: NEW_PASSWORD },
    actor: 'superadmin',
  }),
  'patch /api/users/{id}': async (server) => ({
    by: server.as('superadmin'),
    path: `/api/users/${(await freshUser(server)).id}`,
    body: { disabled: true },
    actor: 'superadmin',
  }),
  'post /api/users/{id}/reset_password': async (server) => ({
    by: server.as('superadmin'),
    path: `/api/users/${(await freshUser(server)).id}/reset_password`,
    actor: 'superadmin',
  }),
};

/** Writes that are refused with a 409 or a 429, by the code of the refusal. Each route that can answer so has one. */
export const CONFLICTS: Readonly<Record<string, readonly [string, (server: TestServer) => Promise<Write>]>> =
  {
    'post /api/clients': [
      'client_exists',
      async (server) => byAdmin(server, '/api/clients', { uuid: await freshClient(server) }),
    ],
    'post /api/clients/{uuid}/clear_service_failed': ['no_open_failure', ofClient('/clear_service_failed')],
    'post /api/clients/commands/{command_id}/cancel': [
      'command_not_cancellable',
      async (server) => byAdmin(server, `/api/clients/commands/${await freshCommand(server)}/cancel`, {}),
    ],
    'post /api/enroll': [
      'client_exists',
      async (server) => ({
        by: server.anonymous,
        path: '/api/enroll',
        body: { token: (await enrolmentToken(server)).token, uuid: await freshClient(server) },
        actor: null,
      }),
    ],
    'post /api/users': [
      'username_taken',
      async (server) => ({
        by: server.as('superadmin'),
        path: '/api/users',
        body: { username: 'viewer', role: 'viewer' },
        actor: 'superadmin',
      }),
    ],
    'patch /api/users/{id}': [
      'own_role',
      async (server) => {
        const { body } = await server.as('superadmin').get('/api/auth/me');
        return {
          by: server.as('superadmin'),
          path: `/api/users/${body.user.id}`,
          body: { role: 'viewer' },
          actor: 'superadmin',
        };
      },
    ],
  };

/** Writes that are too much when they are repeated so often. */
export const TOO_MANY: Readonly<
  Record<
    string,
    { readonly code: string; readonly times: number; readonly make: (server: TestServer) => Promise<Write> }
  >
> = {
  'post /api/clients/{uuid}/restart': { code: 'safety_lockout', times: 3, make: ofClient('/restart') },
  'post /api/clients/{uuid}/restart_app': {
    code: 'safety_lockout',
    times: 3,
    make: ofClient('/restart_app'),
  },
  'post /api/auth/login': {
    code: 'too_many_attempts',
    times: 5,
    make: async (server) => {
      const body = { username: fresh('guessed'), password: 'wrong guess of somebody' };
      return { by: server.anonymous, path: '/api/auth/login', body, actor: null };
    },
  },
  'post /api/auth/change-password': {
    code: 'too_many_attempts',
    times: 5,
    make: async (server) => {
      const { by, username } = await freshUser(server);
      const body = { current_password: 'wrong guess of somebody', new_password: NEW_PASSWORD };
      return { by, path: '/api/auth/change-password', body, actor: username };
    },
  },
  'post /api/enroll': {
    code: 'too_many_attempts',
    times: 20,
    make: async (server) => ({
      by: server.anonymous,
      path: '/api/enroll',
      body: { token: `isenrol_${randomUUID()}` },
      actor: null,
    }),
  },
};
