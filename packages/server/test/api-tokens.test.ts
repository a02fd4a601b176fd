import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { type Api, type ApiServer, api } from './api-client.ts';
import { addUser, logIn, PASSWORD, useServer } from './server-fixture.ts';

const server = useServer();
const TOKENS = '/api/tokens';
const superadmin = () => server.as('superadmin');
const sql = (text: string, values: unknown[] = []) => server.database.pool.query(text, values);

/** A caller with a token alone, or with a cookie beside it. */
function withToken(
  secret: string,
  { app = server.api as ApiServer, cookie }: { app?: ApiServer; cookie?: string } = {},
) {
  const caller = api(app, cookie);
  const headers = { authorization: `Bearer ${secret}` };
  const call =
    (method: 'get' | 'post' | 'delete'): Api['get'] =>
    (path, options = {}) =>
      caller[method](path, { ...options, headers: { ...headers, ...options.headers } });
  return { get: call('get'), post: call('post'), delete: call('delete') };
}
async function makeToken(owner: Api, role = 'viewer', name = 'a program') {
  const { status, body } = await owner.post(TOKENS, { body: { name, role } });
  expect(status).toBe(201);
  return { id: body.token.id as string, secret: body.secret as string, token: body.token };
}
const codeOf = async (secret: string, path = '/api/clients') => {
  const { status, body } = await withToken(secret).get(path);
  return status === 200 ? 200 : body.code;
};

describe('an API token', () => {
  it('is shown once, and kept as nothing but a hash', async () => {
    const { status, body } = await server
      .as('admin')
      .post(TOKENS, { body: { name: ' Signage bot ', role: 'viewer' } });
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
    const { rows } = await sql('SELECT * FROM api_tokens');
    expect(JSON.stringify(rows)).not.toContain(body.secret.slice(4));
    expect((await server.as('admin').get(TOKENS)).text).not.toContain(body.secret.slice(4));
  });

  it('works in place of a session, on every replica, and never writes one', async () => {
    const { secret } = await makeToken(server.as('admin'), 'admin');
    const { status, headers } = await withToken(secret).post('/api/clients', {
      body: { hostname: 'by-token' },
    });
    expect([status, headers['set-cookie']]).toEqual([201, undefined]);
    expect((await withToken(secret, { app: server.replica() }).get('/api/clients')).status).toBe(200);
    expect((await withToken(secret).get('/api/auth/me')).body.user).toMatchObject({
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
      await codeOf(low.secret, '/api/users'),
      await codeOf(high.secret, '/api/users'),
      await codeOf(high.secret),
    ];
    expect(await reach()).toEqual(['forbidden', 200, 200]);
    await superadmin().patch(`/api/users/${id}`, { body: { role: 'viewer' } });
    expect(await reach()).toEqual(['forbidden', 'forbidden', 200]);
    expect((await withToken(high.secret).get('/api/auth/me')).body.user.role).toBe('viewer');
  });

  it.each([
    ['expired', "expires_at = now() - interval '1 second'"],
    ['revoked', "revoked_at = now(), revoked_by = 'somebody'"],
  ])('that is %s is worth nothing, by the clock of the database', async (_how, change) => {
    const { id, secret } = await makeToken(server.as('viewer'));
    expect(await codeOf(secret)).toBe(200);
    await sql(`UPDATE api_tokens SET ${change} WHERE id = $1`, [id]);
    expect(await codeOf(secret)).toBe('invalid_token');
  });

  it.each(['', 'x', `ist_${'A'.repeat(43)}`, `ist_${'A'.repeat(44)}`])(
    'that is none (%p) is refused, and never falls back to the session beside it',
    async (secret) => {
      const caller = withToken(secret, { cookie: superadmin().cookie ?? '' });
      const { status, body, headers } = await caller.get('/api/clients');
      expect([status, body.code]).toEqual([401, 'invalid_token']);
      expect(headers['www-authenticate']).toBe('Bearer realm="infoscreen", error="invalid_token"');
    },
  );

  it('counts alone: a session of more rights beside it adds none', async () => {
    const { secret } = await makeToken(server.as('viewer'));
    const caller = withToken(secret, { cookie: superadmin().cookie ?? '' });
    expect((await caller.get('/api/users')).body.code).toBe('forbidden');
  });

  it('leaves the credentials of a proxy alone: another scheme is no token', async () => {
    const headers = { authorization: 'Basic dXNlcjpwYXNz' };
    expect((await server.as('viewer').get('/api/clients', { headers })).status).toBe(200);
  });

  it('is no cookie that a browser could be tricked into sending: its writes pass from another site', async () => {
    const { secret } = await makeToken(server.as('admin'), 'admin');
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
    expect((await withToken(secret).post('/api/clients', { body: {}, headers })).status).toBe(201);
    expect((await server.as('admin').post('/api/clients', { body: {}, headers })).body.code).toBe(
      'cross_site_request',
    );
    const logIn = { body: { username: 'viewer', password: PASSWORD }, headers };
    expect((await withToken(secret).post('/api/auth/login', logIn)).body.code).toBe('cross_site_request');
  });

  it('manages no credentials of its owner', async () => {
    const { id, secret } = await makeToken(server.as('admin'), 'admin');
    const caller = withToken(secret);
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

  it('notes when and from where it was used, at most once a minute', async () => {
    const { id, secret } = await makeToken(server.as('viewer'));
    const used = async () => {
      await withToken(secret).get('/api/clients');
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
    const { body } = await withToken(full.secret).post('/api/clients', { body: { hostname: 'audited' } });
    await withToken(secret).delete(`/api/clients/${body.client.uuid}`);
    const other = await makeToken(server.as('admin'), 'viewer', 'another');
    await withToken(other.secret).delete(`/api/clients/${body.client.uuid}`);
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
    const second = await withToken(secret).post('/api/clients', options);
    expect([second.text, second.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
  });
});

describe('the tokens of a user', () => {
  it('are listed and revoked by their owner, and by a superadmin', async () => {
    await addUser(server.database, { username: 'owner', role: 'viewer' });
    const owner = await logIn(server.api, 'owner');
    const made = [await makeToken(owner), await makeToken(owner), await makeToken(owner)];
    const first = await owner.get(TOKENS, { query: { limit: 2 } });
    const second = await owner.get(TOKENS, { query: { limit: 2, cursor: first.body.nextCursor } });
    const listed = [...first.body.items, ...second.body.items].map(({ id }) => id);
    expect(listed).toEqual(made.map(({ id }) => id).toReversed());
    expect(second.body.nextCursor).toBeNull();
    const all = (await superadmin().get(TOKENS, { query: { limit: 200 } })).body.items;
    expect(all).toContainEqual(expect.objectContaining({ id: made[0]?.id, owner: 'owner' }));
    expect(new Set(all.map(({ owner: name }: { owner: string }) => name)).size).toBeGreaterThan(1);

    const revoke = (caller: Api, index: number) => caller.delete(`${TOKENS}/${made[index]?.id}`);
    expect((await revoke(server.as('admin'), 0)).body.code).toBe('api_token_not_found');
    expect((await revoke(owner, 0)).status).toBe(204);
    expect((await revoke(superadmin(), 1)).status).toBe(204);
    expect(await Promise.all(made.map(({ secret }) => codeOf(secret)))).toEqual([
      'invalid_token',
      'invalid_token',
      200,
    ]);
    expect(
      (await owner.get(TOKENS)).body.items.map(({ revoked_by: by }: { revoked_by: string }) => by),
    ).toEqual([null, 'superadmin', 'owner']);
  });

  it('outlive a new password and a log-out, which are the session’s matter', async () => {
    await addUser(server.database, { username: 'keeper', role: 'viewer' });
    const owner = await logIn(server.api, 'keeper');
    const { secret } = await makeToken(owner);
    const body = { current_password: PASSWORD, new_password: 'another correct horse' };
    expect((await owner.post('/api/auth/change-password', { body })).status).toBe(200);
    expect(await codeOf(secret)).toBe(200);
  });

  it.each([
    ['a reset', (id: string) => superadmin().post(`/api/users/${id}/reset_password`), 'superadmin'],
    [
      'disabling',
      (id: string) => superadmin().patch(`/api/users/${id}`, { body: { disabled: true } }),
      'superadmin',
    ],
  ])('end for good with %s', async (how, act, revokedBy) => {
    const username = how.replaceAll(' ', '-');
    const { id } = await addUser(server.database, { username, role: 'admin' });
    const { secret } = await makeToken(await logIn(server.api, username));
    expect((await act(id)).status).toBe(200);
    expect(await codeOf(secret)).toBe('invalid_token');
    await superadmin().patch(`/api/users/${id}`, { body: { disabled: false } });
    expect(await codeOf(secret)).toBe('invalid_token');
    const { rows } = await sql('SELECT revoked_by FROM api_tokens WHERE user_id = $1', [id]);
    expect(rows).toEqual([{ revoked_by: revokedBy }]);
  });

  it('do nothing while their owner is disabled, whoever did it', async () => {
    const { id } = await addUser(server.database, { username: 'absent', role: 'viewer' });
    const { secret } = await makeToken(await logIn(server.api, 'absent'));
    await sql('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
    expect(await codeOf(secret)).toBe('invalid_token');
  });

  it('do nothing while their owner must change the password', async () => {
    const { id } = await addUser(server.database, { username: 'tardy', role: 'viewer' });
    const { secret } = await makeToken(await logIn(server.api, 'tardy'));
    await sql('UPDATE users SET must_change_password = true WHERE id = $1', [id]);
    expect([await codeOf(secret), await codeOf(secret, '/api/auth/me')]).toEqual(
      Array(2).fill('password_change_required'),
    );
  });

  it('get no late addition: one that is asked for while its owner is disabled is not made', async () => {
    const { id } = await addUser(server.database, { username: 'parting', role: 'viewer' });
    const owner = await logIn(server.api, 'parting');
    const client = await server.database.pool.connect();
    await client.query('BEGIN');
    await client.query(
      'UPDATE users SET session_epoch = session_epoch + 1, disabled_at = now() WHERE id = $1',
      [id],
    );
    const asked = owner.post(TOKENS, { body: { name: 'late', role: 'viewer' } });
    await eventually(async () => {
      const { rows } = await sql(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%api_tokens%'",
      );
      return rows.length > 0;
    });
    await client.query('COMMIT');
    client.release();
    expect((await asked).body.code).toBe('not_authenticated');
    expect((await sql('SELECT FROM api_tokens WHERE user_id = $1', [id])).rows).toEqual([]);
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
