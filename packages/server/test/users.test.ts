import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { addUser, logIn, PASSWORD, useServer } from './server-fixture.ts';

const server = useServer();
const superadmin = () => server.as('superadmin');

describe('users', () => {
  it('are listed by name, in pages', async () => {
    const first = await superadmin().get('/api/users', { query: { limit: 2 } });
    expect(first.body.items.map((user: { username: string }) => user.username)).toEqual([
      'admin',
      'superadmin',
    ]);
    const second = await superadmin().get('/api/users', {
      query: { limit: 2, cursor: first.body.nextCursor },
    });
    expect(second.body).toMatchObject({ items: [{ username: 'viewer' }], nextCursor: null });
  });

  it('are made with a password of their own, or with a made one that must be changed', async () => {
    const own = await superadmin().post('/api/users', {
      body: { username: 'Own', role: 'admin', password: PASSWORD },
    });
    expect([own.status, own.body.password, own.body.user.username]).toEqual([201, null, 'own']);
    const made = await superadmin().post('/api/users', { body: { username: 'made', role: 'viewer' } });
    expect(made.body.user.must_change_password).toBe(true);
    const session = await logIn(server.api, 'made', made.body.password);
    expect((await session.get('/api/clients')).body.code).toBe('password_change_required');
    const again = await superadmin().post('/api/users', { body: { username: 'made', role: 'viewer' } });
    expect([again.status, again.body.code]).toEqual([409, 'username_taken']);
  });

  it('lose their sessions when their role changes, and do what the new one may', async () => {
    const { id } = await addUser(server.database, { username: 'riser', role: 'viewer' });
    const session = await logIn(server.api, 'riser');
    expect((await superadmin().patch(`/api/users/${id}`, { body: { role: 'admin' } })).body.user.role).toBe(
      'admin',
    );
    expect((await session.get('/api/auth/me')).status).toBe(401);
    expect((await (await logIn(server.api, 'riser')).post('/api/clients', { body: {} })).status).toBe(201);
  });

  it('are out at once when they are disabled, and back when enabled', async () => {
    const { id } = await addUser(server.database, { username: 'leaver', role: 'viewer' });
    const session = await logIn(server.api, 'leaver');
    const disabled = await superadmin().patch(`/api/users/${id}`, { body: { disabled: true } });
    expect(disabled.body.user.disabled_at).not.toBeNull();
    expect((await session.get('/api/auth/me')).status).toBe(401);
    await superadmin().patch(`/api/users/${id}`, { body: { disabled: false } });
    expect((await (await logIn(server.api, 'leaver')).get('/api/auth/me')).status).toBe(200);
  });

  it('get a made password by a reset, which ends their sessions', async () => {
    const { id } = await addUser(server.database, { username: 'forgetful', role: 'viewer' });
    const session = await logIn(server.api, 'forgetful');
    const { body } = await superadmin().post(`/api/users/${id}/reset_password`);
    expect((await session.get('/api/auth/me')).status).toBe(401);
    const renewed = await logIn(server.api, 'forgetful', body.password);
    expect((await renewed.get('/api/auth/me')).body.user.must_change_password).toBe(true);
  });

  it('cannot change their own role, and one that is unknown is a 404', async () => {
    const { body } = await superadmin().get('/api/auth/me');
    const own = await superadmin().patch(`/api/users/${body.user.id}`, { body: { role: 'viewer' } });
    expect([own.status, own.body.code]).toEqual([409, 'own_role']);
    const unknown = await superadmin().patch(`/api/users/${randomUUID()}`, { body: { role: 'viewer' } });
    expect(unknown.body.code).toBe('user_not_found');
    expect((await superadmin().patch(`/api/users/${body.user.id}`, { body: {} })).status).toBe(400);
  });
});

describe('the last superadmin', () => {
  it('stays one, also when two superadmins unmake each other at the same moment', async () => {
    const rivals = ['rival-a', 'rival-b'] as const;
    const users = await Promise.all(
      rivals.map((username) => addUser(server.database, { username, role: 'superadmin' })),
    );
    const sessions = await Promise.all(rivals.map((username) => logIn(server.api, username)));
    await server.database.pool.query("UPDATE users SET disabled_at = now() WHERE username = 'superadmin'");
    const answers = await Promise.all(
      sessions.map((session, index) =>
        session.patch(`/api/users/${users[1 - index]?.id}`, { body: { role: 'viewer' } }),
      ),
    );
    // The loser is refused by the rule, or because its own role is gone already.
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const left = await server.database.prisma.user.count({ where: { role: 'superadmin', disabledAt: null } });
    expect(left).toBe(1);
    await server.database.pool.query("UPDATE users SET disabled_at = NULL WHERE username = 'superadmin'");
  });
});
