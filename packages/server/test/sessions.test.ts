import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import type { SessionData } from 'express-session';
import { SessionStore } from '../src/http/session-store.ts';
import { type Api, api } from './api-client.ts';
import { addUser, appSettings, logIn, PASSWORD, useServer } from './server-fixture.ts';

const server = useServer();
const SESSIONS = '/api/auth/sessions';
const isOpen = async (session: Api) => (await session.get('/api/auth/me')).status === 200;
const currentId = async (session: Api): Promise<string> =>
  (await session.get(SESSIONS)).body.items.find(({ current }: { current: boolean }) => current).id;
const rowsOf = async (username: string) =>
  (
    await server.database.pool.query(
      `SELECT s.* FROM user_sessions s JOIN users u ON u.id::text = sess -> 'login' ->> 'userId' WHERE username = $1`,
      [username],
    )
  ).rows;

/** Resolves when a statement waits for a lock. */
const somethingWaits = () =>
  eventually(async () => {
    const { rows } = await server.database.pool.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    return rows.length > 0;
  });

/** Holds the requests that write a client, once they have passed their log-in, until `release`. */
async function holdWrites() {
  const client = await server.database.pool.connect();
  await client.query('BEGIN; LOCK TABLE clients IN ACCESS EXCLUSIVE MODE');
  const release = async () => {
    await client.query('ROLLBACK');
    client.release();
  };
  return { release };
}

describe('the own sessions', () => {
  it('are listed newest first, in pages, with where they came from, and without what would open them', async () => {
    await addUser(server.database, { username: 'lister', role: 'viewer' });
    const first = await logIn(server.api, 'lister');
    const agent = `Mozilla/5.0 ${'x'.repeat(300)}`;
    await api(server.api).post('/api/auth/login', {
      body: { username: 'lister', password: PASSWORD },
      headers: { 'user-agent': agent },
    });
    const { body, text } = await first.get(SESSIONS);
    expect(body).toMatchObject({
      items: [
        { current: false, user_agent: agent.slice(0, 200), ip: expect.stringContaining('127.0.0.1') },
        { current: true, user_agent: null },
      ],
      nextCursor: null,
    });
    const idle = Date.parse(body.items[1].expires_at) - Date.parse(body.items[1].last_used_at);
    expect(idle).toBeGreaterThan((appSettings.session.idleSeconds - 5) * 1000);
    for (const { sid } of await rowsOf('lister')) expect(text).not.toContain(sid);
    const page = await first.get(SESSIONS, { query: { limit: 1 } });
    const next = await first.get(SESSIONS, { query: { limit: 1, cursor: page.body.nextCursor } });
    const ids = [page, next].flatMap((answer) => answer.body.items.map(({ id }: { id: string }) => id));
    expect(ids).toEqual(body.items.map(({ id }: { id: string }) => id));
  });

  it('show only what is open: none that expired, is past its whole life or older than a new password', async () => {
    await addUser(server.database, { username: 'pruner', role: 'viewer' });
    for (let count = 0; count < 3; count += 1) await logIn(server.api, 'pruner');
    const session = await logIn(server.api, 'pruner');
    const [unused, old, outdated] = (await session.get(SESSIONS)).body.items.slice(1);
    const change = (id: string, sql: string) =>
      server.database.pool.query(`UPDATE user_sessions SET ${sql} WHERE id = $1`, [id]);
    await change(unused.id, "expire = now() - interval '1 second'");
    await change(old.id, "sess = jsonb_set(sess::jsonb, '{login,loggedInAt}', '0')::json");
    await change(outdated.id, "sess = jsonb_set(sess::jsonb, '{login,sessionEpoch}', '-1')::json");
    expect((await session.get(SESSIONS)).body.items).toMatchObject([{ current: true }]);
  });

  it('end one by one, at once and on every replica', async () => {
    await addUser(server.database, { username: 'ender', role: 'viewer' });
    const [lost, own] = [await logIn(server.api, 'ender'), await logIn(server.api, 'ender')];
    const onReplica = api(server.replica(), lost.cookie);
    expect(await isOpen(onReplica)).toBe(true);
    const id = await currentId(lost);
    expect((await own.delete(`${SESSIONS}/${id}`)).status).toBe(204);
    expect([await isOpen(onReplica), await isOpen(lost), await isOpen(own)]).toEqual([false, false, true]);
    expect((await own.delete(`${SESSIONS}/${id}`)).body.code).toBe('session_not_found');
    expect((await own.delete(`${SESSIONS}/${await currentId(own)}`)).status).toBe(204);
    expect(await isOpen(own)).toBe(false);
  });

  it('are nobody else’s: a session of another user is as unknown as none', async () => {
    const id = await currentId(server.as('viewer'));
    const { status, body } = await server.as('superadmin').delete(`${SESSIONS}/${id}`);
    expect([status, body.code]).toEqual([404, 'session_not_found']);
    expect(await isOpen(server.as('viewer'))).toBe(true);
  });

  it('end together but for the present one', async () => {
    await addUser(server.database, { username: 'cleaner', role: 'viewer' });
    const others = [await logIn(server.api, 'cleaner'), await logIn(server.api, 'cleaner')];
    const own = await logIn(server.api, 'cleaner');
    expect((await own.post(`${SESSIONS}/revoke_others`)).body).toEqual({ revoked: 2 });
    expect(await Promise.all([...others, own].map(isOpen))).toEqual([false, false, true]);
    expect(await isOpen(server.as('viewer'))).toBe(true);
  });
});

describe('a session that was revoked', () => {
  it('stays away, whatever a request that began before still writes', async () => {
    await addUser(server.database, { username: 'flier', role: 'admin' });
    const [session, other] = [await logIn(server.api, 'flier'), await logIn(server.api, 'flier')];
    const writes = await holdWrites();
    const inFlight = session.post('/api/clients', { body: {} });
    await somethingWaits();
    expect((await other.post(`${SESSIONS}/revoke_others`)).body).toEqual({ revoked: 1 });
    await writes.release();
    expect((await inFlight).status).toBe(201);
    expect(await rowsOf('flier')).toHaveLength(1);
    expect(await isOpen(session)).toBe(false);
  });

  it('is made anew by neither a touch nor a save', async () => {
    await addUser(server.database, { username: 'ghost', role: 'viewer' });
    await logIn(server.api, 'ghost');
    const [{ sid, sess }] = await rowsOf('ghost');
    await server.database.pool.query('DELETE FROM user_sessions WHERE sid = $1', [sid]);
    const store = new SessionStore(server.database.pool, {
      absoluteSeconds: 7200,
      idleSeconds: 60,
      onError: () => undefined,
    });
    await new Promise<void>((resolve) => store.touch(sid, sess as SessionData, () => resolve()));
    await new Promise<void>((resolve) => store.set(sid, sess as SessionData, () => resolve()));
    expect(await rowsOf('ghost')).toEqual([]);
  });

  it('changes no password, though the request was let in before', async () => {
    const { id } = await addUser(server.database, { username: 'thief', role: 'viewer' });
    const [stolen, own] = [await logIn(server.api, 'thief'), await logIn(server.api, 'thief')];
    // Holds the change where the new password is written.
    const client = await server.database.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [id]);
    const body = { current_password: PASSWORD, new_password: 'a stolen account now' };
    const change = stolen.post('/api/auth/change-password', { body });
    await somethingWaits();
    await own.post(`${SESSIONS}/revoke_others`);
    await client.query('ROLLBACK');
    client.release();
    expect((await change).body.code).toBe('not_authenticated');
    expect(await isOpen(own)).toBe(true);
    await logIn(server.api, 'thief');
  });
});

describe('the sessions of a user', () => {
  const superadmin = () => server.as('superadmin');
  it.each([
    ['the password is reset', (id: string) => superadmin().post(`/api/users/${id}/reset_password`)],
    ['the role changes', (id: string) => superadmin().patch(`/api/users/${id}`, { body: { role: 'admin' } })],
    [
      'the user is disabled',
      (id: string) => superadmin().patch(`/api/users/${id}`, { body: { disabled: true } }),
    ],
  ])('are deleted, not only refused, when %s', async (why, act) => {
    const username = why.replaceAll(' ', '-');
    const { id } = await addUser(server.database, { username, role: 'viewer' });
    const session = await logIn(server.api, username);
    await logIn(server.api, username);
    expect((await act(id)).status).toBe(200);
    expect(await rowsOf(username)).toEqual([]);
    expect(await isOpen(session)).toBe(false);
    expect(await isOpen(superadmin())).toBe(true);
  });

  it('are deleted when the password changes, but for the new one of who changed it', async () => {
    await addUser(server.database, { username: 'renewer', role: 'viewer' });
    const [session] = [await logIn(server.api, 'renewer'), await logIn(server.api, 'renewer')];
    const body = { current_password: PASSWORD, new_password: 'another correct horse' };
    const before = await rowsOf('renewer');
    expect((await session.post('/api/auth/change-password', { body })).status).toBe(200);
    const after = await rowsOf('renewer');
    expect(after).toHaveLength(1);
    expect(before.map(({ sid }) => sid)).not.toContain(after[0].sid);
  });

  it('are refused by the epoch too: a log-in that was under way when it rose opens nothing', async () => {
    const { id } = await addUser(server.database, { username: 'racer', role: 'viewer' });
    const session = await logIn(server.api, 'racer');
    await server.database.pool.query('UPDATE users SET session_epoch = session_epoch + 1 WHERE id = $1', [
      id,
    ]);
    expect(await isOpen(session)).toBe(false);
  });
});

describe('the life of a session', () => {
  const backDate = (username: string, seconds: number) =>
    server.database.pool.query(
      `UPDATE user_sessions SET sess = jsonb_set(sess::jsonb, '{login,loggedInAt}',
         to_jsonb((sess -> 'login' ->> 'loggedInAt')::bigint - $2 * 1000))::json
       FROM users u WHERE u.id::text = sess -> 'login' ->> 'userId' AND username = $1`,
      [username, seconds],
    );

  it('ends after its whole length, however much it is used', async () => {
    await addUser(server.database, { username: 'stayer', role: 'viewer' });
    const session = await logIn(server.api, 'stayer');
    await backDate('stayer', appSettings.session.absoluteSeconds - 60);
    expect(await isOpen(session)).toBe(true);
    await backDate('stayer', 61);
    expect(await isOpen(session)).toBe(false);
  });

  it('ends when it is not used, and moves on with each use', async () => {
    await addUser(server.database, { username: 'idler', role: 'viewer' });
    const session = await logIn(server.api, 'idler');
    const setEnd = (interval: string) =>
      server.database.pool.query(
        `UPDATE user_sessions SET expire = now() + $2::interval, last_used_at = '2000-01-01'
         FROM users u WHERE u.id::text = sess -> 'login' ->> 'userId' AND username = $1`,
        ['idler', interval],
      );
    await setEnd('10 seconds');
    expect(await isOpen(session)).toBe(true);
    const [used] = await rowsOf('idler');
    expect(used.expire.getTime() - Date.now()).toBeGreaterThan((appSettings.session.idleSeconds - 60) * 1000);
    expect(Date.now() - used.last_used_at.getTime()).toBeLessThan(60_000);
    await setEnd('-1 second');
    expect(await isOpen(session)).toBe(false);
  });
});
