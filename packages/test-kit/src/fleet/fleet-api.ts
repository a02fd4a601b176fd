/** What the API answered; `json` is an empty object where there was no body. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever an answer holds
  readonly json: any;
}

/** A person at the API: one session, kept in its cookie. */
export interface ApiUser {
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>;
}

const REQUEST_TIMEOUT_MS = 15_000;

/** Logs in at one server and stays logged in at all of them: sessions are in the database. */
export async function logInAt(baseUrl: string, username: string, password: string): Promise<ApiUser> {
  let cookie = '';
  const call: ApiUser['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(path.startsWith('http') ? path : `${baseUrl}${path}`, {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const cookies = response.headers.getSetCookie();
    if (cookies.length > 0) cookie = cookies.map((line) => line.split(';')[0]).join('; ');
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text === '' ? {} : JSON.parse(text) };
  };
  const { status } = await call('POST', '/api/auth/login', { username, password });
  if (status !== 200) throw new Error(`the log-in of ${username} was answered with ${status}`);
  return { call };
}
