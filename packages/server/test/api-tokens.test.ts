import { describe, expect, it } from '@jest/globals';
import { addUser, logIn, PASSWORD, useServer } from './server-fixture.ts';
import { makeToken, outcomeOf, withToken } from './token-caller.ts';

const server = useServer();
const TOKENS = '/api/tokens';
const superadmin = () => server.as('superadmin');
const sql = (text: string, values: unknown[] = []) => server.database.pool.query(text, values);

describe('an API token', () => {
  it('is shown once, and kept as nothing but a hash', async () => {
    const { status, body } = await server.as('admin').post(TOKENS, {
      body: { name: ' Signage bot ', role: 'viewer' },
      headers: { 'idempotency-key': 'made once' },
    });
    expect(status).toBe(201);
    expect(body.token).toMatchObject({
      name: 'Signage bot',
      role: 'viewer',
      owner: 'admin',
      last_used_at: null,
    });
    expect(body.secret).toMatch(/^ist_[A-Za-z0-9_-]{43}$/);
    const days = (Date.parse(body.token.expires_at) - Date.parse(body.token.created_at)) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    const { rows } = await sql(
      'SELECT to_jsonb(t) FROM api_tokens t UNION ALL SELECT to_jsonb(k) FROM idempotency_keys k',
    );
    expect(JSON.stringify(rows)).not.toContain(body.secret.slice(4));
    expect((await server.as('admin').get(TOKENS)).text).not.toContain(body.secret.slice(4));
  });

  it('works in place of a session, on every replica, and never writes one', async () => {
    const { secret } = await makeToken(server.as('admin'), 'admin');
    const { status, headers } = await withToken(server.api, secret).post('/api/clients', {
      body: { hostname: 'by-token' },
    });
    expect([status, headers['set-cookie']]).toEqual([201, undefined]);
    expect((await withToken(server.replica(), secret).get('/api/clients')).status).toBe(200);
    expect((await withToken(server.api, secret).get('/api/auth/me')).body.user).toMatchObject({
      username: 'admin',
      role: 'admin',
    });
  });

  it('has no higher role than its maker', async () => {
    const { status, body } = await server
      .as('admin')
      .post(TOKENS, { body: { name: 'x', role: 'superadmin' } });
    expect([status, body.code]).toEqual([403, 'forbidden']);
  });

  it('may do what its own role and the present one of its owner both allow', async () => {
    const { id } = await addUser(server.database, { username: 'sinker', role: 'superadmin' });
    const owner = await logIn(server.api, 'sinker');
    const [low, high] = [await makeToken(owner, 'viewer'), await makeToken(owner, 'superadmin')];
    const reach = async () => [
      await outcomeOf(server.api, low.secret, '/api/users'),
      await outcomeOf(server.api, high.secret, '/api/users'),
      await outcomeOf(server.api, high.secret),
    ];
    expect(await reach()).toEqual(['forbidden', 200, 200]);
    await superadmin().patch(`/api/users/${id}`, { body: { role: 'viewer' } });
    expect(await reach()).toEqual(['forbidden', 'forbidden', 200]);
    expect((await withToken(server.api, high.secret).get('/api/auth/me')).body.user.role).toBe('viewer');
  });

  it.each([
    ['expired', "expires_at = now() - interval '1 second'"],
    ['revoked', "revoked_at = now(), revoked_by = 'somebody'"],
  ])('that is %s is worth nothing, by the clock of the database', async (_how, change) => {
    const { id, secret } = await makeToken(server.as('viewer'));
    expect(await outcomeOf(server.api, secret)).toBe(200);
    await sql(`UPDATE api_tokens SET ${change} WHERE id = $1`, [id]);
    expect(await outcomeOf(server.api, secret)).toBe('invalid_token');
  });

  it.each(['', 'x', `ist_${'A'.repeat(43)}`, `ist_${'A'.repeat(44)}`])(
    'that is none (%p) is refused, and never falls back to the session beside it',
    async (secret) => {
      const caller = withToken(server.api, secret, superadmin().cookie);
      const { status, body, headers } = await caller.get('/api/clients');
      expect([status, body.code]).toEqual([401, 'invalid_token']);
      expect(headers['www-authenticate']).toBe('Bearer realm="infoscreen", error="invalid_token"');
    },
  );

  it('counts alone: a session of more rights beside it adds none', async () => {
    const { secret } = await makeToken(server.as('viewer'));
    const caller = withToken(server.api, secret, superadmin().cookie);
    expect((await caller.get('/api/users')).body.code).toBe('forbidden');
  });

  it('leaves the credentials of a proxy alone: another scheme is no token', async () => {
    const headers = { authorization: 'Basic dXNlcjpwYXNz' };
    expect((await server.as('viewer').get('/api/clients', { headers })).status).toBe(200);
  });

  it('is no cookie that a browser could be tricked into sending: its writes pass from another site', async () => {
    const { secret } = await makeToken(server.as('admin'), 'admin');
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
    expect((await withToken(server.api, secret).post('/api/clients', { body: {}, headers })).status).toBe(
      201,
    );
    expect((await server.as('admin').post('/api/clients', { body: {}, headers })).body.code).toBe(
      'cross_site_request',
    );
    const logIn = { body: { username: 'viewer', password: PASSWORD }, headers };
    expect((await withToken(server.api, secret).post('/api/auth/login', logIn)).body.code).toBe(
      'cross_site_request',
    );
  });

  it('manages no credentials of its owner', async () => {
    const { id, secret } = await makeToken(server.as('admin'), 'admin');
    const caller = withToken(server.api, secret);
    const change = { current_password: PASSWORD, new_password: 'another correct horse' };
    const answers = [
      await caller.post(TOKENS, { body: { name: 'successor', role: 'viewer' } }),
      await caller.get(TOKENS),
      await caller.delete(`${TOKENS}/${id}`),
      await caller.post('/api/auth/change-password', { body: change }),
      await caller.get('/api/auth/sessions'),
      await caller.post('/api/auth/sessions/revoke_others'),
      await caller.post('/api/auth/logout'),
    ];
    for (const { status, body } of answers) expect([status, body.code]).toEqual([403, 'session_required']);
  });

  it('of a superadmin gives nobody a password, a role or an account, its owner neither', async () => {
    const { id } = await addUser(server.database, { username: 'chief', role: 'superadmin' });
    const { secret } = await makeToken(await logIn(server.api, 'chief'), 'superadmin');
    const caller = withToken(server.api, secret);
    const answers = [
      await caller.post(`/api/users/${id}/reset_password`),
      await caller.post('/api/users', {
        body: { username: 'chief2', role: 'superadmin', password: PASSWORD },
      }),
      await caller.patch(`/api/users/${id}`, { body: { disabled: false } }),
    ];
    for (const { status, body } of answers) expect([status, body.code]).toEqual([403, 'session_required']);
    expect((await logIn(server.api, 'chief')).cookie).toBeDefined();
  });

  it('notes when and from where it was used, at most once a minute', async () => {
    const { id, secret } = await makeToken(server.as('viewer'));
    const used = async () => {
      await withToken(server.api, secret).get('/api/clients');
      const { rows } = await sql('SELECT last_used_at, last_used_ip FROM api_tokens WHERE id = $1', [id]);
      return rows[0];
    };
    const first = await used();
    expect(first.last_used_ip).toContain('127.0.0.1');
    expect(await used()).toEqual(first);
    await sql(
      "UPDATE api_tokens SET last_used_at = now() - interval '61 seconds', last_used_ip = NULL WHERE id = $1",
      [id],
    );
    expect((await used()).last_used_ip).toContain('127.0.0.1');
  });

  it('stands in the audit log beside its user, for writes and for refusals', async () => {
    const { id, secret } = await makeToken(server.as('admin'), 'viewer', 'the auditor');
    const full = await makeToken(server.as('admin'), 'admin', 'the maker');
    const { body } = await withToken(server.api, full.secret).post('/api/clients', {
      body: { hostname: 'audited' },
    });
    await withToken(server.api, secret).delete(`/api/clients/${body.client.uuid}`);
    const other = await makeToken(server.as('admin'), 'viewer', 'another');
    await withToken(server.api, other.secret).delete(`/api/clients/${body.client.uuid}`);
    const { items } = (await superadmin().get('/api/audit', { query: { target: body.client.uuid } })).body;
    const refused = { actor: 'admin', outcome: 'refused', error_code: 'forbidden' };
    expect(items).toMatchObject([
      { ...refused, detail: { token: { id: other.id, name: 'another' } } },
      { ...refused, detail: { token: { id, name: 'the auditor' } } },
      { actor: 'admin', outcome: 'success', detail: { token: { id: full.id, name: 'the maker' } } },
    ]);
  });

  it('shares its user’s Idempotency-Keys', async () => {
    const { secret } = await makeToken(server.as('admin'), 'admin');
    const options = { body: { hostname: 'once' }, headers: { 'idempotency-key': 'by-token' } };
    const first = await server.as('admin').post('/api/clients', options);
    const second = await withToken(server.api, secret).post('/api/clients', options);
    expect([second.text, second.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
  });
});

describe('the OpenAPI document', () => {
  it('names both ways to be let in, and where only a session is', async () => {
    const { body } = await server.anonymous.get('/api/openapi.json');
    expect(body.components.securitySchemes).toMatchObject({
      cookie: { type: 'apiKey', in: 'cookie', name: 'infoscreen.sid' },
      bearer: { type: 'http', scheme: 'bearer' },
    });
    expect(body.paths['/api/clients'].get.security).toEqual([{ cookie: [] }, { bearer: [] }]);
    expect(body.paths['/api/tokens'].post.security).toEqual([{ cookie: [] }]);
    expect(body.paths['/api/auth/login'].post.security).toEqual([]);
  });
});
