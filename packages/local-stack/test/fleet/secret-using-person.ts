import type { Leavings } from './leavings.ts';
import type { PlantedSecrets } from './planted-secrets.ts';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever an answer holds
  readonly json: any;
}

export interface Call {
  readonly body?: unknown;
  /** As it goes on the wire, where it isn't `body` as JSON. */
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer shows a secret on purpose, this once. */
  readonly showsSecret?: boolean;
}

/** Somebody at the API whose cookies are secrets too, and whose answers are kept. */
export class SecretUsingPerson {
  readonly #url: string;
  readonly #secrets: PlantedSecrets;
  readonly #leavings: Leavings;
  #cookie = '';

  constructor(url: string, secrets: PlantedSecrets, leavings: Leavings) {
    this.#url = url;
    this.#secrets = secrets;
    this.#leavings = leavings;
  }

  async logIn(username: string, password: string): Promise<Answer> {
    return this.call('POST', '/api/auth/login', { body: { username, password } });
  }

  async call(
    method: string,
    path: string,
    { body, rawBody, headers, showsSecret }: Call = {},
  ): Promise<Answer> {
    const text = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    for (const line of response.headers.getSetCookie()) this.#remember(line);
    const answer = await response.text();
    if (showsSecret !== true) {
      const shown = [...response.headers].filter(([name]) => name !== 'set-cookie');
      this.#leavings.add('answers', `${JSON.stringify(shown)}\n${answer}`);
    }
    return { status: response.status, json: parsed(answer) };
  }

  /** The cookie as it is sent, the id in it, and its signature. */
  #remember(setCookie: string): void {
    const pair = setCookie.split(';')[0] ?? '';
    const value = decodeURIComponent(pair.slice(pair.indexOf('=') + 1));
    const [id = '', signature = ''] = value.replace(/^s:/, '').split('.');
    if (id === '') return;
    this.#cookie = pair;
    this.#secrets.add('session cookie', value);
    this.#secrets.add('session id', id);
    this.#secrets.add('signature of a session', signature);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
