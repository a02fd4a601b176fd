import { serverSettingsSchema } from '@infoscreen/server';
import { describe, expect, it } from '@jest/globals';
import request, { type Response } from 'supertest';
import { api } from './api-client.ts';
import { logIn, PASSWORD, useServer } from './server-fixture.ts';

const ORIGIN = 'https://dashboard.example.org';
const server = useServer();
const listed = () => server.replica({ corsOrigins: [ORIGIN] });
const CROSS_SITE = { origin: ORIGIN, 'sec-fetch-site': 'cross-site' };
const corsHeaders = ({ headers }: Response) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));
const preflight = (app = server.api, origin = ORIGIN) =>
  request(app.app).options('/api/clients').set({
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  });
const makeToken = async () =>
  (await server.as('admin').post('/api/tokens', { body: { name: 'page', role: 'admin' } })).body
    .secret as string;

describe('a page of another origin', () => {
  it('sees no CORS header, on no kind of answer, where no origin is set', async () => {
    const authorization = `Bearer ${await makeToken()}`;
    const answers = [
      await preflight(),
      await server.anonymous.get('/api/clients', { headers: CROSS_SITE }),
      await server.anonymous.get('/api/clients', { headers: { ...CROSS_SITE, authorization } }),
      await server.anonymous.get('/api/nothing', { headers: CROSS_SITE }),
      await server.anonymous.get('/api/openapi.json', { headers: CROSS_SITE }),
      await server.anonymous.get('/healthz', { headers: CROSS_SITE }),
    ];
    for (const answer of answers) expect(corsHeaders(answer)).toEqual([]);
    expect(answers[0]?.status).toBe(405);
  });

  it('sees none either where another one is set, however like it looks', async () => {
    for (const origin of [
      'https://elsewhere.example',
      `${ORIGIN}.evil.example`,
      'http://dashboard.example.org',
      'null',
    ]) {
      const answer = await preflight(listed(), origin);
      expect([answer.status, corsHeaders(answer)]).toEqual([405, []]);
      expect(answer.headers['vary']).toContain('Origin');
    }
  });

  it('reads and writes with a token where its origin is set, and sees refusals too', async () => {
    const asked = await preflight(listed());
    expect([asked.status, asked.headers]).toMatchObject([
      204,
      {
        'access-control-allow-origin': ORIGIN,
        'access-control-allow-methods': 'GET,POST,PATCH,DELETE',
        'access-control-allow-headers': 'Authorization,Content-Type,Idempotency-Key',
      },
    ]);
    const authorization = `Bearer ${await makeToken()}`;
    const page = api(listed());
    const answers = [
      await page.post('/api/clients', { body: {}, headers: { ...CROSS_SITE, authorization } }),
      await page.get('/api/users', { headers: { ...CROSS_SITE, authorization } }),
      await page.get('/api/clients', { headers: { ...CROSS_SITE, authorization: 'Bearer x' } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 403, 401]);
    for (const answer of answers) {
      expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
      expect(answer.headers['access-control-expose-headers']).toContain('Retry-After');
      expect(corsHeaders(answer)).not.toContain('access-control-allow-credentials');
    }
  });

  it('writes with no cookie, though its origin is set, and can’t log in', async () => {
    const app = listed();
    const session = await logIn(app, 'admin');
    const answers = [
      await session.post('/api/clients', { body: {}, headers: CROSS_SITE }),
      await session.post('/api/clients', { body: {}, headers: { origin: ORIGIN } }),
      await api(app).post('/api/auth/login', {
        body: { username: 'admin', password: PASSWORD },
        headers: CROSS_SITE,
      }),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.body.code]).toEqual([403, 'cross_site_request']);
      expect(corsHeaders(answer)).not.toContain('access-control-allow-credentials');
    }
  });
});

describe('CORS_ALLOWED_ORIGINS', () => {
  const parse = (value: string) => serverSettingsSchema.shape.CORS_ALLOWED_ORIGINS.safeParse(value);

  it('takes exact origins, with commas between', () => {
    expect(parse(`${ORIGIN}, http://10.0.0.5:8080`).data).toEqual([ORIGIN, 'http://10.0.0.5:8080']);
    expect(parse('').data).toEqual([]);
  });

  it.each([
    '*',
    'null',
    'dashboard.example.org',
    `${ORIGIN}/`,
    `${ORIGIN}/page`,
    'https://*.example.org/',
    'file:///x',
  ])('refuses %s, and says how it is written', (value) => {
    expect(parse(value).error?.issues[0]?.message).toMatch(/must be origins such as https:/);
  });
});
