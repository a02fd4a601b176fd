import { describe, expect, it } from '@jest/globals';
import { api } from './api-client.ts';
import { addUser, logIn, PASSWORD, useServer } from './server-fixture.ts';

const server = useServer();

const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
};
const policyOf = (header: string | undefined) =>
  Object.fromEntries(
    (header ?? '').split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(' ');
      return [name, values];
    }),
  );

const KINDS: readonly (readonly [string, 'get' | 'post' | 'put', string, number])[] = [
  ['an answer of the API', 'get', '/api/clients', 200],
  ['a refusal', 'get', '/api/users', 403],
  ['a bad request', 'post', '/api/clients', 400],
  ['a wrong method', 'put', '/api/clients', 405],
  ['an address that there isn’t', 'get', '/nothing/here', 404],
  ['the page of the API', 'get', '/api/docs', 200],
  ['a script of that page', 'get', '/api/docs/init.js', 200],
  ['a file of that page', 'get', '/api/docs/swagger-ui.css', 200],
  ['the OpenAPI document', 'get', '/api/openapi.json', 200],
  ['the admins’ page', 'get', '/', 200],
  ['a probe', 'get', '/healthz', 200],
  ['the metrics', 'get', '/metrics', 200],
];

describe.each(KINDS)('%s', (_kind, method, path, status) => {
  const ask = (trusted: boolean) => {
    const app = server.replica({ trustProxy: trusted ? 'loopback' : false });
    const body = method === 'post' ? { body: [] } : {};
    return api(app, server.as('admin').cookie)[method](path, {
      headers: { 'x-forwarded-proto': 'https' },
      ...body,
    });
  };

  it('lets a browser load our own files alone, and works on plain HTTP', async () => {
    const { headers, status: actual } = await ask(false);
    expect(actual).toBe(status);
    expect(policyOf(headers['content-security-policy'])).toEqual(POLICY);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
    // Each of these would break plain HTTP, or makes a browser complain of it.
    for (const name of [
      'strict-transport-security',
      'cross-origin-opener-policy',
      'origin-agent-cluster',
      'x-powered-by',
    ])
      expect(headers).not.toHaveProperty(name);
  });

  it('is isolated from pages of others over HTTPS, and leaves HSTS to the proxy', async () => {
    const { headers } = await ask(true);
    expect(policyOf(headers['content-security-policy'])).toEqual(POLICY);
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'origin-agent-cluster': '?1',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
  });
});

describe('the page of the API', () => {
  it('has nothing that its policy would stop: no inline script or style, and no file of others', async () => {
    const { text } = await server.anonymous.get('/api/docs');
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:/i);
    for (const [, address] of text.matchAll(/(?:src|href)="([^"]*)"/g))
      expect(address).toMatch(/^\/api\/docs\//);
  });
});

describe('the cookie of a session', () => {
  const cookieOf = async (trustProxy: string | false, cookieSecure: 'auto' | boolean = 'auto') => {
    const session = { secret: 'x'.repeat(32), cookieSecure, idleSeconds: 3600, absoluteSeconds: 7200 };
    const answer = await api(server.replica({ trustProxy, session })).post('/api/auth/login', {
      body: { username: 'viewer', password: PASSWORD },
      headers: { 'x-forwarded-proto': 'https' },
    });
    return answer.get('Set-Cookie')?.[0] ?? '';
  };
  const attributes = (cookie: string) => cookie.split('; ').slice(1).toSorted();

  it('is for this site’s requests alone, not for scripts, and ends with the browser', async () => {
    expect(attributes(await cookieOf(false))).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax']);
  });

  it('goes over HTTPS alone where a trusted proxy says that it came so', async () => {
    expect(attributes(await cookieOf('loopback'))).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  it('believes nobody else who says so', async () => {
    expect(attributes(await cookieOf('10.0.0.0/8'))).not.toContain('Secure');
  });

  it('goes over HTTPS alone where it is set so: over plain HTTP there is none', async () => {
    expect(attributes(await cookieOf('loopback', true))).toContain('Secure');
    expect(await cookieOf(false, true)).toBe('');
  });

  it('is a new one at each log-in: one that somebody planted becomes nobody’s session', async () => {
    await addUser(server.database, { username: 'planter', role: 'viewer' });
    const planted = await logIn(server.api, 'planter');
    const answer = await api(server.api, planted.cookie).post('/api/auth/login', {
      body: { username: 'admin', password: PASSWORD },
    });
    const cookie = answer.get('Set-Cookie')?.[0]?.split(';')[0];
    expect(cookie).toMatch(/^infoscreen\.sid=/);
    expect(cookie).not.toBe(planted.cookie);
    expect((await planted.get('/api/auth/me')).status).toBe(401);
    expect((await api(server.api, cookie).get('/api/auth/me')).body.user.username).toBe('admin');
  });

  it('that our secret has not signed is none', async () => {
    const { cookie = '' } = await logIn(server.api, 'viewer');
    const unsigned = cookie.replace(/\.[^.]*$/, '.AAAA');
    expect((await api(server.api, unsigned).get('/api/auth/me')).status).toBe(401);
    const other = server.replica({
      session: { secret: 'y'.repeat(32), cookieSecure: 'auto', idleSeconds: 3600, absoluteSeconds: 7200 },
    });
    expect((await api(other, cookie).get('/api/auth/me')).status).toBe(401);
  });
});
