import { randomUUID } from 'node:crypto';
import {
  type AccountControl,
  availableBrokers,
  ConnectionRefused,
  connectAccountControl,
  connectMqtt,
  type MqttConnection,
  startTestBroker,
  type TestBroker,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startReplica } from './account-replica.ts';
import { useServer } from './server-fixture.ts';

const passwordFor = (name: string) => `password of ${name} in this test`;
const SHARED = { MQTT_USER: 'shared', MQTT_PASSWORD: passwordFor('shared') };
const OWN = {
  SERVER_MQTT_USER: 'own-server',
  SERVER_MQTT_PASSWORD: passwordFor('own-server'),
  LISTENER_MQTT_USER: 'own-listener',
  LISTENER_MQTT_PASSWORD: passwordFor('own-listener'),
  SCHEDULER_MQTT_USER: 'own-scheduler',
  SCHEDULER_MQTT_PASSWORD: passwordFor('own-scheduler'),
};

describe.each(availableBrokers())('the broker accounts of the services (%s)', (kind) => {
  const server = useServer();
  let broker: TestBroker;
  let control: AccountControl;

  beforeAll(async () => {
    broker = await startTestBroker({ kind });
    control = await connectAccountControl({ port: broker.port, ...broker.admin });
  });
  afterAll(async () => {
    await control.end();
    await broker.stop();
  });

  /** As a server that is started with these settings leaves the broker. */
  const applied = async (settings: Parameters<typeof startReplica>[3]) => {
    const replica = startReplica(server, broker, `server-${randomUUID()}`, settings);
    await replica.firstPass;
    await replica.stop();
  };
  const connectAs = (username: string): Promise<MqttConnection | undefined> =>
    connectMqtt({
      port: broker.port,
      username,
      password: passwordFor(username),
      clientId: randomUUID(),
    }).catch((error: unknown) => {
      if (error instanceof ConnectionRefused) return undefined;
      throw error;
    });
  const names = async () => {
    const [clients, roles] = await control.run({ command: 'listClients' }, { command: 'listRoles' });
    const found = { ...(clients?.data as object), ...(roles?.data as object) } as Record<string, string[]>;
    return {
      accounts: found['clients'] ?? [],
      roles: (found['roles'] ?? []).filter((name) => name.startsWith('infoscreen-')).sort(),
    };
  };

  it('are one for all where nothing else is set', async () => {
    await applied(SHARED);
    expect((await names()).roles).toEqual(['infoscreen-service']);
    expect(await connectAs('own-server')).toBeUndefined();
    const shared = await connectAs('shared');
    expect(await shared?.subscribe('infoscreen/#')).toBe(1);
    await shared?.end();
  });

  it('are one for each where each has its own, and the shared one may only watch then', async () => {
    await applied({ ...SHARED, ...OWN });
    const { accounts } = await names();
    expect(accounts).toEqual(
      expect.arrayContaining(['own-listener', 'own-scheduler', 'own-server', 'shared']),
    );
    const [role] = await control.run({ command: 'getRole', rolename: 'infoscreen-service' });
    expect(role?.data).toMatchObject({
      role: {
        acls: [
          { acltype: 'publishClientReceive', topic: 'infoscreen/#', allow: true },
          { acltype: 'subscribePattern', topic: 'infoscreen/#', allow: true },
        ],
      },
    });
    for (const name of ['own-server', 'own-scheduler']) {
      const service = await connectAs(name);
      expect(await service?.subscribe('infoscreen/+/heartbeat')).toBe(128);
      await service?.end();
    }
    const listener = await connectAs('own-listener');
    expect(await listener?.subscribe('infoscreen/+/heartbeat')).toBe(1);
    expect(await listener?.subscribe('infoscreen/+/commands')).toBe(128);
    await listener?.end();
  });

  it('are cut and gone when no service has them any more, with their roles; others stay', async () => {
    await applied({ ...SHARED, ...OWN });
    await control.ask([
      { command: 'createRole', rolename: 'of-the-operator' },
      {
        command: 'createClient',
        username: 'by-hand',
        password: 'x',
        roles: [{ rolename: 'of-the-operator' }],
      },
    ]);
    const left = await connectAs('shared');
    const kept = await connectAs('own-listener');
    const { LISTENER_MQTT_USER, LISTENER_MQTT_PASSWORD } = OWN;
    await applied({
      MQTT_USER: 'renamed',
      MQTT_PASSWORD: passwordFor('renamed'),
      LISTENER_MQTT_USER,
      LISTENER_MQTT_PASSWORD,
    });
    await left?.closed();
    for (const name of ['shared', 'own-server', 'own-scheduler'])
      expect(await connectAs(name)).toBeUndefined();
    expect(kept?.isConnected()).toBe(true);
    await kept?.end();
    const { accounts, roles } = await names();
    expect(accounts).toEqual(expect.arrayContaining(['account-admin', 'by-hand', 'own-listener', 'renamed']));
    expect(roles).toEqual(['infoscreen-service', 'infoscreen-service-own-listener']);
  });
});
