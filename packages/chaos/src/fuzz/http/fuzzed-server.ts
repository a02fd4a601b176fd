import { randomUUID } from 'node:crypto';
import type { Role } from '@infoscreen/shared-types';
import {
  eventually,
  FIRST_ADMIN,
  type FleetProcess,
  serviceSettings,
  startReplica,
  type TestBroker,
} from '@infoscreen/test-kit';

/** A server whose log-in limits don't end the run; resolves when it can do all of its work. */
export async function startFuzzedServer(broker: TestBroker, databaseUrl: string): Promise<FleetProcess> {
  const server = await startReplica('server', {
    ...serviceSettings(databaseUrl, broker),
    LOGIN_ATTEMPTS_PER_ACCOUNT: '1000',
    LOGIN_ATTEMPTS_PER_ADDRESS: '100000',
    INSTANCE_ID: 'fuzzed-server',
  });
  const isConnected = async () => {
    const state = (await (await fetch(`${server.url}/readyz`)).json()) as { broker: { connected: boolean } };
    return state.broker.connected;
  };
  await eventually(isConnected, { deadlineMs: 20_000, what: 'the server is connected to the broker' });
  return server;
}

type Json = Readonly<Record<string, unknown>>;

async function call(url: string, method: string, cookie: string, body?: Json) {
  const response = await fetch(url, {
    method,
    headers: { cookie, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok)
    throw new Error(`${method} ${url} was answered with ${response.status}: ${await response.text()}`);
  return response;
}

/** @returns the session's cookie */
export async function logIn(url: string, username: string, password: string): Promise<string> {
  const response = await call(`${url}/api/auth/login`, 'POST', '', { username, password });
  return cookieOf(response);
}

const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

export const logInAsAdmin = (url: string) => logIn(url, FIRST_ADMIN.username, FIRST_ADMIN.password);

/** Makes a user who needs not change the password any more. @returns the user's id, and a session's cookie */
export async function makeUser(
  url: string,
  admin: string,
  role: Role,
): Promise<{ id: string; cookie: string }> {
  const username = `fuzz-${role}-${randomUUID().slice(0, 8)}`;
  const password = randomUUID();
  const made = await call(`${url}/api/users`, 'POST', admin, { username, role, password });
  const { user } = (await made.json()) as { user: { id: string } };
  const cookie = await logIn(url, username, password);
  const changed = await call(`${url}/api/auth/change-password`, 'POST', cookie, {
    current_password: password,
    new_password: randomUUID(),
  });
  return { id: user.id, cookie: cookieOf(changed) };
}

/** Things for the requests to read, change and remove. */
export async function makeSpareThings(
  url: string,
  admin: string,
  counts: { users: number; clients: number },
) {
  const post = async (path: string, body: Json) => (await call(`${url}${path}`, 'POST', admin, body)).json();
  const clients: string[] = [];
  const commands: string[] = [];
  const users: string[] = [];
  const tokens: string[] = [];
  const secrets: string[] = [];
  for (let n = 0; n < counts.clients; n += 1) {
    const { client } = (await post('/api/clients', { hostname: `fuzz-${n}` })) as {
      client: { uuid: string };
    };
    clients.push(client.uuid);
    const issued = await post(`/api/clients/${client.uuid}/restart`, {});
    commands.push((issued as { command: { commandId: string } }).command.commandId);
  }
  for (let n = 0; n < counts.users; n += 1) {
    users.push((await makeUser(url, admin, n % 2 === 0 ? 'viewer' : 'admin')).id);
    const made = (await post('/api/enrolment_tokens', { uses: 1000 })) as {
      enrolment_token: { id: string };
      token: string;
    };
    tokens.push(made.enrolment_token.id);
    secrets.push(made.token);
  }
  return { clients, commands, users, tokens, secrets };
}
