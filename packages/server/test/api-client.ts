import { problemCodes, type Route } from '@infoscreen/server';
import { PROBLEM_CODES, PROBLEM_MEDIA_TYPE, problemSchema } from '@infoscreen/shared-types';
import { expect } from '@jest/globals';
import type { Express } from 'express';
import request, { type Response } from 'supertest';

type Method = 'get' | 'post' | 'patch' | 'delete' | 'put';
export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
}
type Call = (path: string, options?: CallOptions) => Promise<Response>;
/** A server, and the route table that its answers are held against. */
export interface ApiServer {
  readonly app: Express;
  readonly routes: readonly Route[];
}
export type Api = Record<Method, Call> & { readonly cookie: string | undefined };

/** Calls the API and holds each answer against what the route table promises. */
export function api({ app, routes }: ApiServer, cookie?: string): Api {
  const call =
    (method: Method): Call =>
    async (path, { body, headers = {}, query = {} } = {}) => {
      const pending = request(app)[method](path).query(query).set(headers);
      if (cookie !== undefined) pending.set('cookie', cookie);
      const response = await (body === undefined ? pending : pending.send(body as object));
      keepsPromise(routes, { method, path, response });
      return response;
    };
  return {
    get: call('get'),
    post: call('post'),
    patch: call('patch'),
    delete: call('delete'),
    put: call('put'),
    cookie,
  };
}

function keepsPromise(
  routes: readonly Route[],
  { method, path, response }: { method: string; path: string; response: Response },
): void {
  const { pathname } = new URL(path, 'http://server');
  const route = findRoute(routes, method, pathname);
  expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  if (response.status >= 400) {
    const body = JSON.parse(response.text) as unknown;
    const problem = problemSchema.parse(body);
    expect(response.type).toBe(PROBLEM_MEDIA_TYPE);
    expect(problem.status).toBe(response.status);
    expect(PROBLEM_CODES[problem.code].status).toBe(response.status);
    // A 405 is the answer of the address, not of the route that the pattern finds.
    if (route !== undefined && problem.code !== 'method_not_allowed')
      expect(problemCodes(route)).toContain(problem.code);
    return;
  }
  // The documents beside the table: API docs, health, metrics.
  if (route === undefined) return;
  if (response.type !== 'application/json' && response.status === 200 && route.streams !== undefined) {
    expect(route.streams).toContain(response.type);
    return;
  }
  const schema = route.responses[response.status];
  expect(schema).toBeDefined();
  if (schema === null || schema === undefined) expect(response.text).toBe('');
  else expect(schema.parse(response.body)).toEqual(response.body);
}

function findRoute(routes: readonly Route[], method: string, pathname: string): Route | undefined {
  const fits = (route: Route) =>
    route.method === method && new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
  const fitting = routes.filter(fits);
  return (
    fitting.find(({ path }) => !path.includes('{')) ??
    fitting.find(({ path }) => path.includes('/commands/')) ??
    fitting[0]
  );
}
