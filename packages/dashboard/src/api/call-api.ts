import type { Problem } from '@infoscreen/shared-types';
import { ApiError, retryAfterSeconds, ServerLostError } from './api-error.ts';
import { noteAnswer, noteLoss } from './server-link.ts';

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | null | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** The same key gives the same answer again: a double click is one command. */
  readonly idempotencyKey?: string;
  /** A 401 is thrown, instead of waiting until the user has logged in again. */
  readonly withoutSession?: boolean;
}

const TIMEOUT_MS = 20_000;
/** Statuses of a proxy whose server is away; 503 is also the server's own word. */
const SERVER_AWAY = [502, 503, 504];

let waitForLogin: () => Promise<void> = () => Promise.reject(new Error('nobody logs in'));

/** Who to ask for a new session when the old one ran out; the call is then made again. */
export function setLoginWaiter(waiter: () => Promise<void>): void {
  waitForLogin = waiter;
}

/**
 * One call of the API; its answer, `undefined` where there is none.
 * @throws ApiError for a problem, ServerLostError where nobody answered
 */
export async function callApi<Answer>(path: string, call: ApiCall = {}): Promise<Answer> {
  for (;;) {
    const response = await send(path, call);
    if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer;
    const problem = await readProblem(response);
    if (problem?.code === 'not_authenticated' && call.withoutSession !== true) {
      await waitForLogin();
      continue;
    }
    throw new ApiError(
      response.status,
      problem,
      retryAfterSeconds(response.headers.get('retry-after'), Date.now()),
    );
  }
}

async function send(path: string, { method = 'GET', query, body, signal, idempotencyKey }: ApiCall) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(path + queryText(query), {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (SERVER_AWAY.includes(response.status)) noteLoss();
    else noteAnswer(response.headers.get('date'));
    return response;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    noteLoss();
    throw new ServerLostError('the server did not answer', { cause: error });
  }
}

async function readProblem(response: Response): Promise<Problem | null> {
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith('application/problem+json')) return null;
  return (await response.json().catch(() => null)) as Problem | null;
}

/** `?a=1&b=2`, or nothing; empty values are left out. */
export function queryText(query: ApiCall['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** A key for one intention. `crypto.randomUUID` is missing on plain HTTP in a local network. */
export function newIdempotencyKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
