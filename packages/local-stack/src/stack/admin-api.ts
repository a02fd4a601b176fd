import { StackRefusedError } from './stack-settings.ts';

export interface ScreenCredentials {
  readonly uuid: string;
  readonly password: string;
}

/** The part of the HTTP API that the stack itself uses, as the first superadmin. */
export interface AdminApi {
  /** Problems that the monitoring names; empty when everything works. */
  systemProblems(): Promise<readonly string[]>;
  clientExists(uuid: string): Promise<boolean>;
  areAlive(uuids: readonly string[]): Promise<boolean>;
  createClient(body: {
    readonly uuid?: string;
    readonly hostname: string;
    readonly group: string;
  }): Promise<ScreenCredentials>;
}

const REQUEST_TIMEOUT_MS = 10_000;

/** Waits until the server answers at all; `/readyz` is 200 once it can do its own work. */
export async function serverIsReady(baseUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${baseUrl}/readyz`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** @throws StackRefusedError when the log-in is refused */
export async function logIn(baseUrl: string, username: string, password: string): Promise<AdminApi> {
  const response = await fetch(`${baseUrl}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  await response.arrayBuffer();
  if (!response.ok) {
    throw new StackRefusedError(
      `The log-in of ${username} was refused (${response.status}): set ADMIN_PASSWORD to the user's present password.`,
    );
  }
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };

  return {
    systemProblems: async () => {
      const { status, json } = await call('GET', '/api/monitoring/system');
      if (status !== 200) return [`GET /api/monitoring/system answers ${status}`];
      return json['healthy'] === true ? [] : (json['problems'] as readonly string[]);
    },
    clientExists: async (uuid) => (await call('GET', `/api/clients/${uuid}`)).status === 200,
    areAlive: async (uuids) => {
      const { json } = await call('GET', '/api/clients/with_alive_status');
      const clients = json as unknown as readonly { readonly uuid: string; readonly is_alive: boolean }[];
      const alive = new Set(clients.filter((client) => client.is_alive).map((client) => client.uuid));
      return uuids.every((uuid) => alive.has(uuid));
    },
    createClient: async (body) => {
      const { status, json } = await call('POST', '/api/clients', body);
      if (status !== 201) throw new Error(`POST /api/clients answers ${status}: ${JSON.stringify(json)}`);
      const { username, password } = json['mqtt'] as { username: string; password: string };
      return { uuid: username, password };
    },
  };
}
