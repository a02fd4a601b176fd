import { availableBrokers, connectMqtt } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { useAccountBroker } from './account-replica.ts';
import { useServer } from './server-fixture.ts';

describe.each(availableBrokers())('a client whose screen logs in with a certificate (%s)', (kind) => {
  const server = useServer();
  const at = useAccountBroker(server, kind);

  const make = async (auth: 'password' | 'certificate') =>
    (await at.admin.post('/api/clients', { body: { hostname: 'lobby', mqtt_auth: auth } })).body;
  const isAtBroker = async (username: string) => {
    const [answer] = await at.control.ask([{ command: 'getClient', username }]);
    return answer?.error === undefined;
  };

  it('is made without an account at the broker, and its answer has no password', async () => {
    const { client, mqtt } = await make('certificate');
    expect(client).toMatchObject({ hostname: 'lobby', pending: false });
    expect(mqtt).toEqual({ username: client.uuid, applied: true });
    expect(await isAtBroker(client.uuid)).toBe(false);
    const { rowCount } = await server.database.pool.query(
      'SELECT FROM broker_accounts WHERE client_uuid = $1',
      [client.uuid],
    );
    expect(rowCount).toBe(0);
    expect((await at.admin.delete(`/api/clients/${client.uuid}`)).status).toBe(204);
    expect(await isAtBroker(client.uuid)).toBe(false);
  });

  it('may have had a password before: its account is gone at once, and comes back when it is asked for', async () => {
    const { client, mqtt } = await make('password');
    const login = { port: at.broker.port, clientId: client.uuid, username: client.uuid };
    const screen = await connectMqtt({ ...login, password: mqtt.password });
    const path = `/api/clients/${client.uuid}/rotate_credentials`;
    const { status, body } = await at.admin.post(path, { body: { mqtt_auth: 'certificate' } });
    expect([status, body.mqtt]).toEqual([201, { username: client.uuid, applied: true }]);
    await screen.closed({ deadlineMs: 1000 });
    expect(await isAtBroker(client.uuid)).toBe(false);
    const again = await at.admin.post(path);
    await (await connectMqtt({ ...login, password: again.body.mqtt.password })).end();
  });

  it('is refused another way to log in', async () => {
    const answer = await at.admin.post('/api/clients', { body: { mqtt_auth: 'none' } });
    expect(answer.status).toBe(400);
  });
});
