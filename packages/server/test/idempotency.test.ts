import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { api } from './api-client.ts';
import { addUser, logIn, useServer } from './server-fixture.ts';

const server = useServer();
const admin = () => server.as('admin');
const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

async function makeClient(): Promise<string> {
  return (await admin().post('/api/clients', { body: {} })).body.client.uuid;
}
const commandsOf = async (uuid: string) =>
  (await admin().get(`/api/clients/${uuid}/commands`)).body.items.length;

describe('an Idempotency-Key', () => {
  it('gives the same answer again, and the write happens once', async () => {
    const uuid = await makeClient();
    const options = { body: { reason: 'once' }, ...withKey(randomUUID()) };
    const first = await admin().post(`/api/clients/${uuid}/restart`, options);
    const second = await admin().post(`/api/clients/${uuid}/restart`, options);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(await commandsOf(uuid)).toBe(1);
  });

  it('repeats a refusal with its Retry-After, and does not count it again', async () => {
    const uuid = await makeClient();
    for (let count = 0; count < 3; count += 1) await admin().post(`/api/clients/${uuid}/restart`);
    const options = withKey('"quoted, as the draft has it"');
    const first = await admin().post(`/api/clients/${uuid}/restart`, options);
    const second = await admin().post(`/api/clients/${uuid}/restart`, options);
    expect([second.status, second.text, second.headers['retry-after']]).toEqual([
      429,
      first.text,
      first.headers['retry-after'],
    ]);
    expect(await commandsOf(uuid)).toBe(4);
  });

  it('of another request is refused', async () => {
    const key = withKey(randomUUID());
    const uuid = await makeClient();
    await admin().post(`/api/clients/${uuid}/restart`, { body: { reason: 'a' }, ...key });
    const other = await admin().post(`/api/clients/${uuid}/restart`, { body: { reason: 'b' }, ...key });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('belongs to its user', async () => {
    await addUser(server.database, { username: 'second', role: 'admin' });
    const second = await logIn(server.api, 'second');
    const uuid = await makeClient();
    const key = withKey(randomUUID());
    await admin().post(`/api/clients/${uuid}/restart`, key);
    await second.post(`/api/clients/${uuid}/restart`, key);
    expect(await commandsOf(uuid)).toBe(2);
  });

  it('of parallel requests on two replicas lets one run; the others are told to wait or get its answer', async () => {
    const uuid = await makeClient();
    const key = withKey(randomUUID());
    const other = api(server.replica(), admin().cookie);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? admin() : other).post(`/api/clients/${uuid}/restart`, key),
      ),
    );
    for (const { status, body, headers } of answers) {
      if (status === 409)
        expect([body.code, Number(headers['retry-after'])]).toEqual([
          'idempotency_key_in_use',
          expect.any(Number),
        ]);
      else expect(status).toBe(202);
    }
    expect(await commandsOf(uuid)).toBe(1);
  });

  it('of a request whose server died is taken over, and finds the command that it had issued', async () => {
    const uuid = await makeClient();
    const key = randomUUID();
    const first = await admin().post(`/api/clients/${uuid}/restart`, withKey(key));
    await server.database.pool.query(
      "UPDATE idempotency_keys SET response_status = NULL, response_body = NULL, locked_until = now() - interval '1 second' WHERE key = $1",
      [key],
    );
    const second = await admin().post(`/api/clients/${uuid}/restart`, withKey(key));
    expect(second.body.command.commandId).toBe(first.body.command.commandId);
    expect(await commandsOf(uuid)).toBe(1);
  });

  it('of a request whose answer could not be kept is answered, and finds its command when it is tried again', async () => {
    const uuid = await makeClient();
    const key = randomUUID();
    // Storing the answer fails once, after everything else was done.
    await server.asOwner(`
      CREATE FUNCTION refuse_answer() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.response_status IS NOT NULL THEN RAISE EXCEPTION 'no answer is stored'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER refuse_answer BEFORE UPDATE ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION refuse_answer()`);
    const first = await admin().post(`/api/clients/${uuid}/restart`, withKey(key));
    expect(first.status).toBe(202);
    await server.asOwner('DROP TRIGGER refuse_answer ON idempotency_keys; DROP FUNCTION refuse_answer()');
    const second = await admin().post(`/api/clients/${uuid}/restart`, withKey(key));
    expect(second.body.command.commandId).toBe(first.body.command.commandId);
    expect(await commandsOf(uuid)).toBe(1);
  });

  it('keeps no secret in clear, and gives it again all the same', async () => {
    const key = withKey(randomUUID());
    const body = { hostname: 'secretive' };
    const first = await admin().post('/api/clients', { body, ...key });
    const user = await server
      .as('superadmin')
      .post('/api/users', { body: { username: 'sealed', role: 'viewer' }, ...key });
    const { rows } = await server.database.pool.query('SELECT * FROM idempotency_keys');
    for (const secret of [first.body.mqtt.password, user.body.password])
      expect(JSON.stringify(rows)).not.toContain(secret);
    expect((await admin().post('/api/clients', { body, ...key })).text).toBe(first.text);
  });

  it('works for a deletion', async () => {
    const uuid = await makeClient();
    const key = withKey(randomUUID());
    expect((await admin().delete(`/api/clients/${uuid}`, key)).status).toBe(204);
    expect((await admin().delete(`/api/clients/${uuid}`, key)).status).toBe(204);
    expect((await admin().delete(`/api/clients/${uuid}`)).status).toBe(404);
  });
});
