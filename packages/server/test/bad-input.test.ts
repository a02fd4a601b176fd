import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { useServer } from './server-fixture.ts';

const server = useServer();
const uuid = randomUUID();
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];

/** A request past the client's own checks, with a body as it stands. */
const raw = (path: string, body: string, type = 'application/json') =>
  request(server.api.app)
    .post(path)
    .set('cookie', server.as('superadmin').cookie ?? '')
    .set('content-type', type)
    .send(body);

describe('a request that breaks its schema', () => {
  it('is answered with each issue, its place and its path', async () => {
    const { status, body } = await server
      .as('admin')
      .post('/api/clients', { body: { uuid: 'nope', group: 'x'.repeat(101) } });
    expect(status).toBe(400);
    expect(body.code).toBe('invalid_request');
    expect(body.errors.map((issue: { in: string; path: string }) => [issue.in, issue.path])).toEqual([
      ['body', 'uuid'],
      ['body', 'group'],
    ]);
  });

  it.each([
    ['a path id that is no UUID', 'get', '/api/clients/not-a-uuid', 'path', 'uuid'],
    ['a command id that is no UUID', 'get', '/api/clients/commands/17', 'path', 'command_id'],
    ['a limit that is no number', 'get', '/api/clients?limit=many', 'query', 'limit'],
    ['a limit out of range', 'get', '/api/clients?limit=1000', 'query', 'limit'],
    ['a repeated parameter', 'get', '/api/clients?text=a&text=b', 'query', 'text'],
    ['an unknown status', 'get', '/api/clients?status=fine', 'query', 'status'],
    ['a cursor that nobody made', 'get', '/api/clients?cursor=abc', 'query', 'cursor'],
    [
      'a cursor with U+0000',
      'get',
      `/api/clients?cursor=${Buffer.from(JSON.stringify(['\u0000', uuid])).toString('base64url')}`,
      'query',
      'cursor',
    ],
    [
      'a cursor of users with U+0000',
      'get',
      `/api/users?cursor=${Buffer.from(JSON.stringify(['\u0000'])).toString('base64url')}`,
      'query',
      'cursor',
    ],
    ['U+0000 in a query', 'get', '/api/clients?text=%00', 'query', 'text'],
    ['a time that is none', 'get', `/api/clients/${uuid}/health?from=yesterday`, 'query', 'from'],
    [
      'a range that ends before it begins',
      'get',
      `/api/clients/${uuid}/health?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z`,
      'query',
      'from',
    ],
  ] as const)('%s is a 400 that names it', async (_name, method, path, place, issuePath) => {
    const response = await server.as('superadmin')[method](path);
    expect(codeOf(response)).toEqual([400, 'invalid_request']);
    expect(response.body.errors[0]).toMatchObject({ in: place, path: issuePath });
  });

  it('times beyond what a database knows are no server error', async () => {
    for (const time of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) {
      expect((await server.as('superadmin').get('/api/audit', { query: { from: time } })).status).toBe(200);
    }
  });

  it('an Idempotency-Key that is empty or too long is named as header', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(201) };
    const response = await server.as('admin').post(`/api/clients/${uuid}/restart`, { headers });
    expect(response.body.errors).toMatchObject([{ in: 'header', path: 'idempotency-key' }]);
  });
});

describe('a body', () => {
  it.each([
    ['that is no JSON', '{"uuid":', 'application/json', [400, 'invalid_json']],
    ['that is no object', '[1]', 'application/json', [400, 'invalid_request']],
    ['that is null', 'null', 'application/json', [201, undefined]],
    ['with U+0000', '{"hostname":"a\\u0000b"}', 'application/json', [400, 'invalid_request']],
    ['with a lone surrogate', '{"hostname":"a\\ud800b"}', 'application/json', [201, undefined]],
    ['with __proto__', '{"__proto__":{"uuid":"x"},"hostname":"proto"}', 'application/json', [201, undefined]],
    [
      'that nests deeply',
      `{"hostname":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      'application/json',
      [400, 'invalid_request'],
    ],
    [
      'of another media type',
      'hostname=a',
      'application/x-www-form-urlencoded',
      [415, 'unsupported_media_type'],
    ],
    ['in another charset', '{}', 'application/json; charset=ebcdic', [415, 'unsupported_media_type']],
    ['over 64 kB', `{"description":"${'x'.repeat(70_000)}"}`, 'application/json', [413, 'payload_too_large']],
  ])('%s is answered as what it is', async (_name, body, type, expected) => {
    expect(codeOf(await raw('/api/clients', body, type))).toEqual(expected);
  });

  it('may be left out where nothing in it is required', async () => {
    expect(codeOf(await server.as('admin').post(`/api/clients/${uuid}/restart`))).toEqual([
      404,
      'client_not_found',
    ]);
  });

  it('of somebody without a session is not read', async () => {
    expect(
      codeOf(await request(server.api.app).post('/api/clients').set('content-type', 'text/plain').send('x')),
    ).toEqual([401, 'not_authenticated']);
  });
});

describe('an address', () => {
  it('that nobody knows is a 404 problem', async () => {
    for (const path of ['/nowhere', '/api/nowhere', '/api/clients/x/y/z']) {
      expect(codeOf(await server.as('admin').get(path))).toEqual([404, 'not_found']);
    }
  });

  it('knows its methods, and no others', async () => {
    const response = await server.as('admin').put('/api/clients/with_alive_status', { body: {} });
    expect(codeOf(response)).toEqual([405, 'method_not_allowed']);
    expect(response.headers['allow']).toBe('GET, HEAD');
    expect(codeOf(await server.as('admin').delete('/api/clients/crashed'))).toEqual([
      405,
      'method_not_allowed',
    ]);
  });

  it('that is no valid percent-encoding is a 400', async () => {
    for (const path of ['/api/clients/%ff', '/api/clients/%', '/api/clients/%00']) {
      expect(codeOf(await server.as('admin').get(path))).toEqual([400, 'invalid_request']);
    }
  });

  it('takes a UUID in upper case', async () => {
    expect(codeOf(await server.as('admin').get(`/api/clients/${uuid.toUpperCase()}`))).toEqual([
      404,
      'client_not_found',
    ]);
  });
});

describe('a write from a browser', () => {
  const write = (headers: Record<string, string>) =>
    server.as('admin').post(`/api/clients/${uuid}/restart`, { headers });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['another subdomain', { 'sec-fetch-site': 'same-site' }, 403],
    ['the same origin', { 'sec-fetch-site': 'same-origin', origin: 'http://evil.example' }, 404],
    ['the address bar', { 'sec-fetch-site': 'none' }, 404],
    ['another origin, of an old browser', { origin: 'http://evil.example' }, 403],
    ['an opaque origin', { origin: 'null' }, 403],
    [
      'the same origin, of an old browser',
      { origin: 'http://screens.local:8000', host: 'screens.local:8000' },
      404,
    ],
    ['no browser at all', {}, 404],
  ])('counts when it comes from %s only if that is ours', async (_name, headers, status) => {
    expect((await write(headers as Record<string, string>)).status).toBe(status);
  });

  it('reading is open to whoever has the session', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await server.as('viewer').get('/api/clients', { headers })).status).toBe(200);
  });
});
