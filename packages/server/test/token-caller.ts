import { expect } from '@jest/globals';
import { type Api, type ApiServer, api } from './api-client.ts';

type TokenApi = Pick<Api, 'get' | 'post' | 'patch' | 'delete'>;

/** A caller with a token alone, or with a cookie beside it. */
export function withToken(app: ApiServer, secret: string, cookie?: string): TokenApi {
  const caller = api(app, cookie);
  const call =
    (method: keyof TokenApi): Api['get'] =>
    (path, options = {}) =>
      caller[method](path, {
        ...options,
        headers: { authorization: `Bearer ${secret}`, ...options.headers },
      });
  return { get: call('get'), post: call('post'), patch: call('patch'), delete: call('delete') };
}

export async function makeToken(owner: Api, role = 'viewer', name = 'a program') {
  const { status, body } = await owner.post('/api/tokens', { body: { name, role } });
  expect(status).toBe(201);
  return { id: body.token.id as string, secret: body.secret as string };
}

/** 200, or the code of the refusal. */
export async function outcomeOf(app: ApiServer, secret: string, path = '/api/clients'): Promise<unknown> {
  const { status, body } = await withToken(app, secret).get(path);
  return status === 200 ? 200 : body.code;
}
