import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import type { Api } from './api-client.ts';
import { addUser, logIn, PASSWORD, useServer } from './server-fixture.ts';
import { makeToken, outcomeOf } from './token-caller.ts';

const server = useServer();
const TOKENS = '/api/tokens';
const superadmin = () => server.as('superadmin');
const sql = (text: string, values: unknown[] = []) => server.database.pool.query(text, values);

describe('the tokens of a user', () => {
  it('are listed and revoked by their owner, and by a superadmin', async () => {
    await addUser(server.database, { username: 'owner', role: 'viewer' });
    const owner = await logIn(server.api, 'owner');
    const made = [await makeToken(owner), await makeToken(owner), await makeToken(owner)];
    await makeToken(server.as('admin'));
    const first = await owner.get(TOKENS, { query: { limit: 2 } });
    const second = await owner.get(TOKENS, { query: { limit: 2, cursor: first.body.nextCursor } });
    const listed = [...first.body.items, ...second.body.items].map(({ id }) => id);
    expect(listed).toEqual(made.map(({ id }) => id).toReversed());
    expect(second.body.nextCursor).toBeNull();
    const all = (await superadmin().get(TOKENS, { query: { limit: 200 } })).body.items;
    const owners = all.map(({ owner: name }: { owner: string }) => name);
    expect(new Set(owners)).toEqual(new Set(['owner', 'admin']));

    const revoke = (caller: Api, index: number) => caller.delete(`${TOKENS}/${made[index]?.id}`);
    expect((await revoke(server.as('admin'), 0)).body.code).toBe('api_token_not_found');
    expect((await revoke(owner, 0)).status).toBe(204);
    expect((await revoke(superadmin(), 1)).status).toBe(204);
    expect(await Promise.all(made.map(({ secret }) => outcomeOf(server.api, secret)))).toEqual([
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
    expect(await outcomeOf(server.api, secret)).toBe(200);
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
    expect(await outcomeOf(server.api, secret)).toBe('invalid_token');
    await superadmin().patch(`/api/users/${id}`, { body: { disabled: false } });
    expect(await outcomeOf(server.api, secret)).toBe('invalid_token');
    const { rows } = await sql('SELECT revoked_by FROM api_tokens WHERE user_id = $1', [id]);
    expect(rows).toEqual([{ revoked_by: revokedBy }]);
  });

  it('do nothing while their owner is disabled, whoever did it', async () => {
    const { id } = await addUser(server.database, { username: 'absent', role: 'viewer' });
    const { secret } = await makeToken(await logIn(server.api, 'absent'));
    await sql('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
    expect(await outcomeOf(server.api, secret)).toBe('invalid_token');
  });

  it('do nothing while their owner must change the password', async () => {
    const { id } = await addUser(server.database, { username: 'tardy', role: 'viewer' });
    const { secret } = await makeToken(await logIn(server.api, 'tardy'));
    await sql('UPDATE users SET must_change_password = true WHERE id = $1', [id]);
    expect([
      await outcomeOf(server.api, secret),
      await outcomeOf(server.api, secret, '/api/auth/me'),
    ]).toEqual(Array(2).fill('password_change_required'));
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
