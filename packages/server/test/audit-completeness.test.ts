import { randomUUID } from 'node:crypto';
import type { Route } from '@infoscreen/server';
import { PROBLEM_CODES } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import type { CallOptions } from './api-client.ts';
import { CONFLICTS, freshClient, openFailure, TOO_MANY, WRITES, type Write } from './audited-writes.ts';
import { PASSWORD, useServer } from './server-fixture.ts';

const IP = '192.0.2.77';
const server = useServer({ trustProxy: 1 });
const nameOf = ({ method, path }: Route) => `${method} ${path}`;
const writeRoutes = () => server.api.routes.filter(({ method }) => method !== 'get');
const routeOf = (name: string) => {
  const route = writeRoutes().find((candidate) => nameOf(candidate) === name);
  if (route === undefined) throw new Error(`there is no route ${name}`);
  return route;
};
const pathOf = (name: string) => (name.split(' ')[1] ?? '').replaceAll(/\{\w+\}/g, randomUUID());

/** Everything that must never stand in a row. */
const secrets = new Set([PASSWORD]);
function noteSecrets(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (typeof child === 'string' && /password|secret|^token$/.test(key)) secrets.add(child);
    noteSecrets(child);
  }
}

async function send(name: string, { by, path, body }: Write, options: CallOptions = {}): Promise<Response> {
  noteSecrets(body);
  const method = name.split(' ')[0] as 'post';
  const headers = { 'x-forwarded-for': IP, ...options.headers };
  const answer = await by[method](path, body === undefined ? { headers } : { headers, body });
  noteSecrets(answer.body);
  return answer;
}

const entriesOf = (requestId: string | undefined) =>
  server.asOwner<Record<string, unknown>>('SELECT * FROM audit_log WHERE request_id = $1', [requestId]);
const notes = () => server.asOwner('SELECT FROM audit_pending');
const refusals = async (name: string, code: string) => {
  const [{ count } = { count: 0 }] = await server.asOwner<{ count: number }>(
    `SELECT coalesce(sum(count), 0)::int AS count FROM audit_log
     WHERE outcome = 'refused' AND action = $1 AND error_code = $2 AND ip = $3`,
    [routeOf(name).operationId, code, IP],
  );
  return count;
};

async function expectRefusal(name: string, code: string, write: Write, options: CallOptions = {}) {
  const before = await refusals(name, code);
  const { status, body } = await send(name, write, options);
  expect([status, body.code]).toEqual([PROBLEM_CODES[code as 'forbidden'].status, code]);
  expect(await refusals(name, code)).toBe(before + 1);
  expect(await notes()).toEqual([]);
}

describe('the routes that write', () => {
  it('are those that are tried here', () => {
    expect(Object.keys(WRITES).toSorted()).toEqual(writeRoutes().map(nameOf).toSorted());
  });

  it.each([
    [409, CONFLICTS],
    [429, TOO_MANY],
  ])('that may answer %s are tried with it', (status, tried) => {
    const may = writeRoutes().filter(({ problems }) =>
      problems.some((code) => PROBLEM_CODES[code].status === status),
    );
    // A shutdown has no lockout, although its route is made like that of a restart.
    const names = may.map(nameOf).filter((name) => !name.endsWith('/shutdown'));
    expect(Object.keys(tried).toSorted()).toEqual(names.toSorted());
  });
});

describe.each(Object.keys(WRITES))('%s', (name) => {
  const anonymous = (): Write => ({ by: server.anonymous, path: pathOf(name), body: {}, actor: null });

  it('leaves exactly one entry when it succeeds: who, from where, which request, what and to whom', async () => {
    const write = await (WRITES[name] as (typeof WRITES)[string])(server);
    const { status, headers } = await send(name, write);
    expect([200, 201, 202, 204]).toContain(status);
    const entries = await entriesOf(headers['x-request-id']);
    expect(entries).toMatchObject([
      {
        actor: write.actor,
        action: routeOf(name).operationId,
        ip: IP,
        outcome: 'success',
        status_code: status,
        count: 1,
        target: expect.stringMatching(/./),
      },
    ]);
    expect(entries[0]?.['actor_user_id'] === null).toBe(write.actor === null);
    expect(await notes()).toEqual([]);
  });

  it('leaves an entry when nobody is logged in, or the secret is wrong', async () => {
    if (routeOf(name).role !== 'public') await expectRefusal(name, 'not_authenticated', anonymous());
    else if (name.endsWith('/login')) {
      const body = { username: 'nobody', password: 'wrong guess of somebody' };
      await expectRefusal(name, 'invalid_credentials', { ...anonymous(), body });
    } else {
      await expectRefusal(name, 'invalid_enrolment_token', {
        ...anonymous(),
        body: { token: 'isenrol_wrong' },
      });
    }
  });

  it('leaves an entry when the role does not allow it, and when it comes from another site', async () => {
    if (!['public', 'viewer'].includes(routeOf(name).role))
      await expectRefusal(name, 'forbidden', { ...anonymous(), by: server.as('viewer') });
    await expectRefusal(name, 'cross_site_request', anonymous(), {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
  });
});

describe.each(Object.entries({ ...CONFLICTS }))('%s', (name, [code, arrange]) => {
  it(`leaves an entry when it is refused as ${code}`, async () => {
    await expectRefusal(name, code, await arrange(server));
  });
});

describe.each(Object.entries({ ...TOO_MANY }))('%s', (name, { code, times, make }) => {
  it(`leaves an entry when it is too much: ${code}`, async () => {
    const write = await make(server);
    for (let count = 0; count < times; count += 1) await send(name, write);
    await expectRefusal(name, code, write);
  });
});

describe('the audit log', () => {
  it('names the person who acknowledged a failure, the unit and what was said', async () => {
    const uuid = await freshClient(server);
    await openFailure(server, uuid);
    const write = {
      by: server.as('admin'),
      path: `/api/clients/${uuid}/clear_service_failed`,
      actor: 'admin',
    };
    const { headers } = await send('post', { ...write, body: { comment: 'cable was loose' } });
    expect(await entriesOf(headers['x-request-id'])).toMatchObject([
      { actor: 'admin', target: uuid, detail: { units: ['player.service'], comment: 'cable was loose' } },
    ]);
  });

  it('has no password, token or secret of any request or answer above', async () => {
    const rows = JSON.stringify([
      await server.asOwner('SELECT * FROM audit_log'),
      await server.asOwner('SELECT * FROM audit_pending'),
    ]);
    expect(secrets.size).toBeGreaterThan(10);
    expect([...secrets].filter((secret) => rows.includes(secret))).toEqual([]);
  });
});
