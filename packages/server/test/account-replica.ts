import { createAccountAdmin, createControlConnection } from '@infoscreen/server';
import { createMetrics, createMqttConnection, serviceLogins } from '@infoscreen/service-kit';
import { deviceTopic } from '@infoscreen/shared-types';
import {
  type AccountControl,
  connectAccountControl,
  startTestBroker,
  type TestBroker,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll } from '@jest/globals';
import { api } from './api-client.ts';
import { logger, seal, type TestServer } from './server-fixture.ts';

/** The account that the services share. */
export const SERVICE = { username: 'services', password: 'a service password of the test' };

type Accounts = Parameters<typeof serviceLogins>[0];

/** A replica of the server that administers the accounts of a real broker. */
export function startReplica(
  server: TestServer,
  broker: TestBroker,
  instance: string,
  settings: Accounts = { MQTT_USER: SERVICE.username, MQTT_PASSWORD: SERVICE.password },
) {
  const account = { host: broker.host, port: broker.port, logger };
  const logins = serviceLogins(settings);
  const login = logins.find(({ services }) => services.includes('server'));
  const services = createMqttConnection({
    ...account,
    username: login?.username ?? '',
    password: login?.password ?? '',
    clientId: `services-${instance}`,
    clean: true,
  });
  const control = createControlConnection({
    ...account,
    ...broker.admin,
    instance,
    onConnected: () => accounts.connected(),
  });
  const accounts = createAccountAdmin({
    pool: server.database.pool,
    control,
    seal,
    services: logins,
    clearPresence: (uuid) => services.publish(deviceTopic(uuid, 'presence'), '', { qos: 1, retain: true }),
    logger,
    metrics: createMetrics({ service: 'server', instance }),
  });
  for (const part of [control, services, accounts.loop]) part.start();
  return {
    admin: api(server.replica({}, { accounts }), server.as('admin').cookie),
    firstPass: accounts.firstPass,
    stop: async () => {
      await control.stop();
      await accounts.loop.stop();
      await services.stop();
    },
  };
}

type BrokerKind = TestBroker['kind'];

/** A broker of the suite's own, a replica that has compared its accounts once, and the administrator's view of them. */
export function useAccountBroker(server: TestServer, kind: BrokerKind) {
  let broker: TestBroker;
  let control: AccountControl;
  let replica: ReturnType<typeof startReplica>;
  const connectControl = async () => {
    control = await connectAccountControl({ port: broker.port, ...broker.admin });
  };
  beforeAll(async () => {
    broker = await startTestBroker({ kind });
    await connectControl();
    replica = startReplica(server, broker, 'server-1');
    await replica.firstPass;
  });
  afterAll(async () => {
    await replica.stop();
    await control.end();
    await broker.stop();
  });
  return {
    /** After a restart of the broker. */
    connectControl,
    get replica() {
      return replica;
    },
    get broker() {
      return broker;
    },
    get control() {
      return control;
    },
    get admin() {
      return replica.admin;
    },
  };
}
