import { randomUUID } from 'node:crypto';
import { DEFAULT_ACL_ACCESS } from '@infoscreen/shared-types';
import { connectMqtt, startTestBroker } from '@infoscreen/test-kit';
import { expect, test } from '@jest/globals';
import { describeEachBroker, NOT_AUTHORISED, REFUSED } from './each-broker.ts';

describeEachBroker('account commands', (scene, { uuid }) => {
  const newScreen = async () => {
    const clientUuid = randomUUID();
    const { broker } = scene();
    const { password } = await broker.addDeviceAccount(clientUuid);
    const connect = (withPassword = password) =>
      connectMqtt({ port: broker.port, clientId: clientUuid, username: clientUuid, password: withPassword });
    return { clientUuid, password, connect };
  };

  test.each(['deleteClient', 'disableClient'])(
    '%s cuts the connection at once and keeps it out',
    async (command) => {
      const { control } = scene();
      const { clientUuid, connect } = await newScreen();
      const device = await connect();
      await control.run({ command, username: clientUuid });
      await device.closed();
      await expect(connect()).rejects.toMatchObject({ code: NOT_AUTHORISED });
    },
  );

  test('enableClient lets a disabled account in again', async () => {
    const { control } = scene();
    const { clientUuid, connect } = await newScreen();
    await control.run(
      { command: 'disableClient', username: clientUuid },
      { command: 'enableClient', username: clientUuid },
    );
    await (await connect()).end();
  });

  test('setClientPassword cuts the connection, and only the new password holds', async () => {
    const { control } = scene();
    const { clientUuid, connect } = await newScreen();
    const device = await connect();
    await control.run({ command: 'setClientPassword', username: clientUuid, password: 'another' });
    await device.closed();
    await expect(connect()).rejects.toMatchObject({ code: NOT_AUTHORISED });
    await (await connect('another')).end();
  });

  test('modifyClient and setClientId bind an account to another client id', async () => {
    const { broker, control } = scene();
    const { clientUuid, password } = await newScreen();
    const connectAs = (clientId: string) =>
      connectMqtt({ port: broker.port, clientId, username: clientUuid, password });
    await control.run({ command: 'modifyClient', username: clientUuid, clientid: 'first' });
    await (await connectAs('first')).end();
    await control.run({ command: 'setClientId', username: clientUuid, clientid: 'second' });
    await (await connectAs('second')).end();
    await expect(connectAs('first')).rejects.toMatchObject({ code: NOT_AUTHORISED });
  });

  test('a role gives and takes rights, on a live connection too', async () => {
    const { control } = scene();
    const { clientUuid, connect } = await newScreen();
    const own = `infoscreen/${clientUuid}/commands`;
    await control.run({ command: 'modifyRole', rolename: clientUuid, acls: [] });
    const without = await connect();
    expect(await without.subscribe(own)).toBe(REFUSED);
    const acls = [{ acltype: 'subscribeLiteral', topic: own, priority: 0, allow: true }];
    await control.run(
      { command: 'createRole', rolename: `${clientUuid}-reader`, acls },
      { command: 'addClientRole', username: clientUuid, rolename: `${clientUuid}-reader` },
    );
    await without.closed();
    const reader = await connect();
    expect(await reader.subscribe(own)).toBe(1);
    await control.run({
      command: 'removeClientRole',
      username: clientUuid,
      rolename: `${clientUuid}-reader`,
    });
    await reader.closed();
    const again = await connect();
    expect(await again.subscribe(own)).toBe(REFUSED);
    await again.end();
    await control.run({ command: 'deleteRole', rolename: `${clientUuid}-reader` });
  });

  test('list and show what there is, without secrets', async () => {
    const { control } = scene();
    const [clients, client, roles, role, access] = await control.run(
      { command: 'listClients' },
      { command: 'getClient', username: uuid },
      { command: 'listRoles', verbose: true, count: 1 },
      { command: 'getRole', rolename: uuid },
      { command: 'getDefaultACLAccess' },
    );
    const listed = clients?.data as { totalCount: number; clients: string[] };
    expect(listed.clients).toContain(uuid);
    expect(listed.totalCount).toBe(listed.clients.length);
    expect(client?.data).toEqual({
      client: { username: uuid, clientid: uuid, roles: [{ rolename: uuid }], groups: [] },
    });
    expect(roles?.data).toMatchObject({
      roles: [{ rolename: expect.any(String), acls: expect.any(Array) }],
    });
    const shown = role?.data as { role: { acls: { acltype: string }[] } };
    expect(shown.role.acls.filter(({ acltype }) => acltype === 'subscribeLiteral')).toHaveLength(2);
    const byDefault = access?.data as { acls: { acltype: string; allow: boolean }[] };
    expect(Object.fromEntries(byDefault.acls.map(({ acltype, allow }) => [acltype, allow]))).toEqual(
      DEFAULT_ACL_ACCESS,
    );
  });

  test.each([
    [{ command: 'getClient', username: 'nobody' }, 'Client not found'],
    [{ command: 'deleteClient', username: 'nobody' }, 'Client not found'],
    [{ command: 'setClientPassword', username: 'nobody', password: 'x' }, 'Client not found'],
    [{ command: 'createClient', username: uuid, password: 'x' }, 'Client already exists'],
    [
      { command: 'createClient', username: 'someone', password: 'x', roles: [{ rolename: 'none' }] },
      'Role not found',
    ],
    [{ command: 'getRole', rolename: 'none' }, 'Role not found'],
    [{ command: 'deleteRole', rolename: 'none' }, 'Role not found'],
    [{ command: 'createRole', rolename: uuid }, 'Role already exists'],
    [{ command: 'addClientRole', username: uuid, rolename: 'none' }, 'Role not found'],
    [{ command: 'createClient' }, 'Invalid/missing username'],
    [{ command: 'fly' }, 'Unknown command'],
  ])('answer %j with the error "%s"', async (command, error) => {
    const { control } = scene();
    const [answer] = await control.ask([command]);
    expect(answer).toMatchObject({ command: command.command, error });
  });

  test('survive a kill -9 and a restart of the broker', async () => {
    const { clientUuid } = await newScreen();
    const own = await startTestBroker({ kind: scene().broker.kind });
    const { password } = await own.addDeviceAccount(clientUuid);
    const connectThere = () =>
      connectMqtt({ port: own.port, clientId: clientUuid, username: clientUuid, password });
    await own.kill('SIGKILL');
    await own.restart();
    await (await connectThere()).end();
    await own.restart();
    await (await connectThere()).end();
    await own.stop();
  });
});
