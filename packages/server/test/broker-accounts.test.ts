import { randomUUID } from 'node:crypto';
import { deviceTopic } from '@infoscreen/shared-types';
import { availableBrokers, ConnectionRefused, connectMqtt, eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { SERVICE, startReplica, useAccountBroker } from './account-replica.ts';
import { useServer } from './server-fixture.ts';

describe.each(availableBrokers())('broker accounts (%s)', (kind) => {
  const server = useServer();
  const at = useAccountBroker(server, kind);

  async function canConnect(username: string, password: string, clientId = username): Promise<boolean> {
    try {
      await (await connectMqtt({ port: at.broker.port, username, password, clientId })).end();
      return true;
    } catch (error) {
      if (error instanceof ConnectionRefused) return false;
      throw error;
    }
  }
  const make = async () =>
    (await at.admin.post('/api/clients', { body: {} })).body.mqtt as {
      username: string;
      password: string;
      applied: boolean;
    };
  /** Another screen, which a change of somebody else's account must not disturb, nor the broker itself. */
  const connectNeighbour = async () => {
    const { username, password } = await make();
    const neighbour = await connectMqtt({ port: at.broker.port, username, password, clientId: username });
    const { pid } = at.broker;
    return { neighbour, stillThere: () => neighbour.isConnected() && at.broker.pid === pid };
  };
  const rowOf = async (uuid: string) =>
    (await server.database.pool.query('SELECT * FROM broker_accounts WHERE client_uuid = $1', [uuid]))
      .rows[0];
  const allApplied = async () =>
    (
      await server.database.pool.query(
        'SELECT FROM broker_accounts WHERE applied_version IS DISTINCT FROM version',
      )
    ).rowCount === 0;

  it('of a new client opens the broker at once, for its UUID as client id alone', async () => {
    const { username, password, applied } = await make();
    expect(applied).toBe(true);
    expect(await canConnect(username, password)).toBe(true);
    expect(await canConnect(username, password, randomUUID())).toBe(false);
    expect(await canConnect(username, 'wrong')).toBe(false);
  });

  it('lets a screen speak and hear on its own topics alone', async () => {
    const { username, password } = await make();
    const screen = await connectMqtt({ port: at.broker.port, username, password, clientId: username });
    expect(await screen.subscribe(`infoscreen/${username}/commands`, 1)).toBe(1);
    for (const filter of [
      '#',
      'infoscreen/+/commands',
      `infoscreen/${randomUUID()}/commands`,
      '$SYS/#',
      '$CONTROL/#',
    ]) {
      expect(await screen.subscribe(filter)).toBe(128);
    }
    await screen.end();
  });

  it('with rotated credentials is open to the new password, and cuts who is in with the old one', async () => {
    const { username, password } = await make();
    const screen = await connectMqtt({ port: at.broker.port, username, password, clientId: username });
    const { neighbour, stillThere } = await connectNeighbour();
    const { body } = await at.admin.post(`/api/clients/${username}/rotate_credentials`);
    expect(body.mqtt.applied).toBe(true);
    await screen.closed({ deadlineMs: 1000 });
    expect(stillThere()).toBe(true);
    await neighbour.end();
    expect(await canConnect(username, password)).toBe(false);
    expect(await canConnect(username, body.mqtt.password)).toBe(true);
  });

  it('of a deleted client is gone at once, with its role and its retained presence', async () => {
    const { username, password } = await make();
    const screen = await connectMqtt({ port: at.broker.port, username, password, clientId: username });
    const presence = deviceTopic(username, 'presence');
    await screen.publish(presence, { online: true }, { retain: true });
    const { neighbour, stillThere } = await connectNeighbour();
    expect((await at.admin.delete(`/api/clients/${username}`)).status).toBe(204);
    await screen.closed({ deadlineMs: 1000 });
    expect(stillThere()).toBe(true);
    await neighbour.end();
    expect(await canConnect(username, password)).toBe(false);
    expect(await rowOf(username)).toMatchObject({
      applied_version: 2,
      password_sealed: null,
      last_error: null,
    });
    const [role] = await at.control.ask([{ command: 'getRole', rolename: `device-${username}` }]);
    expect(role?.error).toMatch(/not found/i);
    const watcher = await connectMqtt({ port: at.broker.port, ...SERVICE, clientId: randomUUID() });
    await watcher.subscribe(presence);
    await watcher.subscribe('infoscreen/#');
    await watcher.publish('infoscreen/_canary/test', 'end');
    await watcher.waitFor(({ topic }) => topic === 'infoscreen/_canary/test');
    expect(watcher.messages.filter(({ topic }) => topic === presence)).toEqual([]);
    await watcher.end();
  });

  it('of an emptied broker, a changed rule and an unknown screen heal at the next connection', async () => {
    const kept = await make();
    const lost = await make();
    const unknown = randomUUID();
    await at.control.run(
      { command: 'deleteClient', username: lost.username },
      { command: 'deleteRole', rolename: `device-${lost.username}` },
      { command: 'deleteClient', username: SERVICE.username },
      {
        command: 'modifyRole',
        rolename: `device-${kept.username}`,
        acls: [{ acltype: 'subscribePattern', topic: '#', priority: 0, allow: true }],
      },
      { command: 'setDefaultACLAccess', acls: [{ acltype: 'publishClientReceive', allow: true }] },
      { command: 'createClient', username: unknown, password: 'somebody made this one' },
    );
    await at.control.end();
    await at.broker.restart();
    await at.connectControl();
    await eventually(() => canConnect(lost.username, lost.password), { deadlineMs: 20_000 });
    await eventually(() => canConnect(SERVICE.username, SERVICE.password, randomUUID()));
    await eventually(async () => !(await canConnect(unknown, 'somebody made this one')));
    const screen = await connectMqtt({ port: at.broker.port, ...kept, clientId: kept.username });
    expect(await screen.subscribe('#')).toBe(128);
    await screen.end();
    const [access] = await at.control.run({ command: 'getDefaultACLAccess' });
    expect(access?.data).toMatchObject({
      acls: expect.arrayContaining([{ acltype: 'publishClientReceive', allow: false }]),
    });
  });

  it('follow by themselves when the broker was away', async () => {
    await at.control.end();
    await at.broker.kill('SIGKILL');
    const { username, password, applied } = await make();
    expect(applied).toBe(false);
    await at.broker.restart();
    await at.connectControl();
    await eventually(() => canConnect(username, password), { deadlineMs: 20_000 });
    await eventually(allApplied);
  });

  it('whose password cannot be opened tell so in their row, and hold up no other', async () => {
    const broken = await make();
    await server.database.pool.query(
      'UPDATE broker_accounts SET version = version + 1 WHERE client_uuid = $1',
      [broken.username],
    );
    const next = await make();
    expect(next.applied).toBe(true);
    await eventually(async () => (await rowOf(broken.username)).last_error !== null);
    expect((await rowOf(broken.username)).last_error).toMatch(/CREDENTIALS_KEY/);
    const { body } = await at.admin.post(`/api/clients/${broken.username}/rotate_credentials`);
    expect(await canConnect(broken.username, body.mqtt.password)).toBe(true);
  });

  it('are written by one replica at a time, however many there are', async () => {
    const other = startReplica(server, at.broker, 'server-2');
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? at.admin : other.admin).post('/api/clients', { body: {} }),
      ),
    );
    await eventually(allApplied);
    for (const { body } of made) expect(await canConnect(body.mqtt.username, body.mqtt.password)).toBe(true);
    await other.stop();
  });
});
