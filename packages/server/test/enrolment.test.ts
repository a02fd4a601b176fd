import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { api } from './api-client.ts';
import { useServer } from './server-fixture.ts';

const server = useServer({ trustProxy: 1 });
const admin = () => server.as('admin');
const screen = () => api(server.api);

let lastAddress = 0;
/** Each test comes from an address of its own: refusals are counted per address. */
function newAddress(): string {
  lastAddress += 1;
  return `192.0.2.${lastAddress}`;
}

async function makeToken(body: Record<string, unknown> = {}) {
  const { status, body: answer } = await admin().post('/api/enrolment_tokens', { body });
  expect(status).toBe(201);
  return answer as { token: string; enrolment_token: { id: string; uses: number; max_uses: number } };
}
const enrol = (body: Record<string, unknown>, from = newAddress()) =>
  screen().post('/api/enroll', { body, headers: { 'x-forwarded-for': from } });
const usesOf = async (id: string) =>
  (await server.database.pool.query('SELECT uses FROM enrolment_tokens WHERE id = $1', [id])).rows[0]?.uses;

describe('an enrolment token', () => {
  it('is shown once, and kept as a hash', async () => {
    const { token, enrolment_token: made } = await makeToken({ uses: 5, description: 'hall' });
    expect(made).toMatchObject({ uses: 0, max_uses: 5, description: 'hall', created_by: 'admin' });
    const { body } = await admin().get('/api/enrolment_tokens');
    expect(body.items).toContainEqual(made);
    expect(JSON.stringify(body)).not.toContain(token);
    const { rows } = await server.database.pool.query('SELECT * FROM enrolment_tokens');
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain(token.slice('isenrol_'.length));
  });

  it('is listed in pages, newest first', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.unshift((await makeToken()).enrolment_token.id);
    const first = await admin().get('/api/enrolment_tokens', { query: { limit: 2 } });
    const second = await admin().get('/api/enrolment_tokens', {
      query: { limit: 1, cursor: first.body.nextCursor },
    });
    const shown = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id);
    expect(shown.toSorted()).toEqual(ids.toSorted());
  });

  it.each([{ uses: 0 }, { uses: 10_001 }, { expires_in_hours: 0 }, { expires_in_hours: 100_000 }])(
    'is limited: %j is refused',
    async (body) => {
      expect((await admin().post('/api/enrolment_tokens', { body })).status).toBe(400);
    },
  );

  it('that nobody knows cannot be revoked', async () => {
    const { body } = await admin().delete(`/api/enrolment_tokens/${randomUUID()}`);
    expect(body.code).toBe('enrolment_token_not_found');
  });
});

describe('enrolling', () => {
  it('makes the client of the screen, in the group of the token, with an account of its own', async () => {
    const { token, enrolment_token: made } = await makeToken({ group: 'school' });
    const uuid = randomUUID();
    const { status, body } = await enrol({ token, uuid, hostname: 'hall\u0007', model: 'M1' });
    expect(status).toBe(201);
    expect(body.client).toEqual({ uuid, hostname: 'hall', group: 'school' });
    expect(body.mqtt).toMatchObject({ username: uuid, applied: true });
    expect(Buffer.from(body.mqtt.password, 'base64url')).toHaveLength(32);
    const { body: client } = await admin().get(`/api/clients/${uuid}`);
    expect(client).toMatchObject({ uuid, hostname: 'hall', model: 'M1', group: 'school', pending: false });
    const { rows } = await server.database.pool.query(
      'SELECT password_sealed, desired FROM broker_accounts WHERE client_uuid = $1',
      [uuid],
    );
    expect(rows).toMatchObject([{ desired: 'present' }]);
    expect(rows[0].password_sealed).not.toContain(body.mqtt.password);
    expect(await usesOf(made.id)).toBe(1);
  });

  it('makes a UUID for a screen that has none', async () => {
    const { token } = await makeToken({ uses: 2 });
    const first = await enrol({ token });
    const second = await enrol({ token });
    expect(first.body.client.uuid).not.toBe(second.body.client.uuid);
  });

  it('is counted: of many at once, exactly as many succeed as the token has uses', async () => {
    const { token, enrolment_token: made } = await makeToken({ uses: 7 });
    const replica = server.replica({ trustProxy: 1 });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? screen() : api(replica)).post('/api/enroll', {
          body: { token },
          headers: { 'x-forwarded-for': newAddress() },
        }),
      ),
    );
    const enrolled = answers.filter(({ status }) => status === 201);
    expect(enrolled).toHaveLength(7);
    expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.code))).toEqual(
      new Set(['invalid_enrolment_token']),
    );
    expect(await usesOf(made.id)).toBe(7);
    const { rows } = await server.database.pool.query(
      'SELECT count(*)::int AS count FROM clients WHERE uuid = ANY($1)',
      [enrolled.map(({ body }) => body.client.uuid)],
    );
    expect(rows).toEqual([{ count: 7 }]);
  });

  it('gives nobody the UUID of a client that exists, is pending or was deleted, and counts no use for it', async () => {
    const { token, enrolment_token: made } = await makeToken();
    const { body: existing } = await admin().post('/api/clients', { body: {} });
    const uuid: string = existing.client.uuid;
    const accountOf = async () =>
      (await server.database.pool.query('SELECT * FROM broker_accounts WHERE client_uuid = $1', [uuid])).rows;
    const before = await accountOf();
    expect((await enrol({ token, uuid: uuid.toUpperCase() })).body.code).toBe('client_exists');
    expect(await accountOf()).toEqual(before);
    const pending = randomUUID();
    await server.database.pool.query('INSERT INTO clients (uuid, pending) VALUES ($1, true)', [pending]);
    expect((await enrol({ token, uuid: pending })).body.code).toBe('client_exists');
    await admin().delete(`/api/clients/${uuid}`);
    expect((await enrol({ token, uuid })).body.code).toBe('client_deleted');
    expect(await usesOf(made.id)).toBe(0);
  });

  it('is refused alike with a token that is unknown, used up, expired or revoked', async () => {
    const usedUp = await makeToken();
    expect((await enrol({ token: usedUp.token })).status).toBe(201);
    const expired = await makeToken();
    await server.database.pool.query(
      "UPDATE enrolment_tokens SET expires_at = now() - interval '1 second' WHERE id = $1",
      [expired.enrolment_token.id],
    );
    const revoked = await makeToken();
    expect((await admin().delete(`/api/enrolment_tokens/${revoked.enrolment_token.id}`)).status).toBe(204);
    // A client that exists isn't told of either: the token comes first.
    const { body: existing } = await admin().post('/api/clients', { body: {} });
    for (const body of [
      { token: 'isenrol_unknown' },
      { token: usedUp.token },
      { token: expired.token },
      { token: revoked.token },
      { token: 'isenrol_unknown', uuid: existing.client.uuid },
    ]) {
      const { status, body: problem } = await enrol(body);
      expect([status, problem.code, problem.detail]).toEqual([401, 'invalid_enrolment_token', undefined]);
    }
  });

  it('is slowed per address, on all replicas together, by refusals alone', async () => {
    const from = newAddress();
    const { token } = await makeToken({ uses: 100 });
    for (let count = 0; count < 25; count += 1) expect((await enrol({ token }, from)).status).toBe(201);
    for (let count = 0; count < 20; count += 1)
      expect((await enrol({ token: 'isenrol_guess' }, from)).status).toBe(401);
    const other = api(server.replica({ trustProxy: 1 }));
    const refused = await other.post('/api/enroll', {
      body: { token },
      headers: { 'x-forwarded-for': from },
    });
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_attempts']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await enrol({ token })).status).toBe(201);
  });

  it('waits for no lock where it is refused for its number', async () => {
    const from = newAddress();
    for (let count = 0; count < 20; count += 1) await enrol({ token: 'isenrol_guess' }, from);
    const client = new pg.Client({ connectionString: server.ownerUrl() });
    await client.connect();
    await client.query("BEGIN; SELECT FROM rate_limits WHERE key LIKE 'enrol-address:%' FOR UPDATE");
    try {
      expect((await enrol({ token: 'isenrol_guess' }, from)).status).toBe(429);
    } finally {
      await client.query('ROLLBACK');
      await client.end();
    }
  });

  it('is in the audit log, as are refusals, without the token or the password', async () => {
    const { token, enrolment_token: made } = await makeToken();
    const { body } = await enrol({ token });
    const from = newAddress();
    await enrol({ token }, from);
    const { rows } = await server.database.pool.query(
      "SELECT outcome, target, ip, error_code, detail FROM audit_log WHERE action = 'enrolScreen' AND (target = $1 OR ip = $2)",
      [body.client.uuid, from],
    );
    expect(rows).toMatchObject([
      { outcome: 'success', target: body.client.uuid, detail: { enrolment_token_id: made.id } },
      { outcome: 'refused', ip: from, error_code: 'invalid_enrolment_token' },
    ]);
    const { rows: all } = await server.database.pool.query('SELECT * FROM audit_log');
    expect(JSON.stringify(all)).not.toContain(token);
    expect(JSON.stringify(all)).not.toContain(body.mqtt.password);
  });
});
