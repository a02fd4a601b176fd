import { randomBytes } from 'node:crypto';
import {
  type Broker,
  type BrokerKind,
  type Mosquitto,
  type MosquittoOptions,
  startEmbeddedBroker,
  startMosquitto,
} from '@infoscreen/local-stack';
import { aclRules, deviceAccess, serviceAccess, type TopicAccess } from '@infoscreen/shared-types';
import { testRun } from '../env.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporary-folder.ts';
import { connectAccountControl } from './account-control.ts';
import { connectMqtt, type MqttConnection, type MqttConnectionOptions } from './mqtt-client.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface TestBroker {
  readonly kind: BrokerKind;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** May write accounts, and nothing else. */
  readonly admin: Credentials;
  /** The services' account. */
  readonly service: Credentials;
  /** Makes a screen's account, bound to its UUID as client id. */
  readonly addDeviceAccount: (clientUuid: string) => Promise<Credentials>;
  readonly addAccount: (account: {
    readonly username: string;
    readonly access: TopicAccess;
    readonly clientId?: string;
  }) => Promise<Credentials>;
  /** A connection as the services' account; `clientId` must be unique. */
  readonly connectService: (
    options: Omit<MqttConnectionOptions, 'port' | 'username' | 'password'>,
  ) => Promise<MqttConnection>;
  /** The broker's log, oldest line first. */
  readonly log: readonly string[];
  /** What a client needs where the broker's own port takes TLS. */
  readonly tls?: { readonly ca: string };
  /** Where its files are. */
  readonly folder: string;
  /** Mosquitto reads its revocation list again. */
  readonly reload: () => void;
  /** Stops it for good and removes its files. */
  readonly stop: () => Promise<void>;
  /** After a signal that ends it, resolves when it is gone; `restart` brings it back. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
  /** Stops it, when it runs, and starts it again on the same port and state. */
  readonly restart: () => Promise<void>;
}

/** Whether this run has a real Mosquitto; suites that need one are `describe.skip` by name without it. */
export function mosquittoAvailable(): boolean {
  return testRun().mosquitto !== undefined;
}

/** Which of both brokers this run can start, for suites that hold for each. */
export function availableBrokers(): readonly BrokerKind[] {
  return mosquittoAvailable() ? ['mosquitto', 'embedded'] : ['embedded'];
}

export interface TestBrokerOptions extends Pick<MosquittoOptions, 'certificates' | 'limits'> {
  readonly kind?: BrokerKind;
}

/** A broker of the test's own on a free port: the admin's account and the services', and no others. */
export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const { kind = 'mosquitto', ...extras } = options;
  const clientTls = extras.certificates?.clients === undefined ? {} : { tls: { ca: extras.certificates.ca } };
  const folder = makeTemporaryFolder('test-broker');
  const admin = { username: 'account-admin', password: randomSecret() };
  const log: string[] = [];
  const broker = await startKind(kind, {
    ...extras,
    dir: folder,
    adminUsername: admin.username,
    adminPassword: admin.password,
    onLogLine: (line: string) => log.push(line),
  });
  const addAccount: TestBroker['addAccount'] = (account) =>
    makeAccount({ port: broker.port, ...admin, ...clientTls }, account);
  const service = await addAccount({ username: 'service', access: serviceAccess() });
  return {
    kind: broker.kind,
    host: broker.host,
    get port() {
      return broker.port;
    },
    get pid() {
      return broker.pid;
    },
    admin,
    service,
    log,
    addAccount,
    addDeviceAccount: (clientUuid) =>
      addAccount({ username: clientUuid, clientId: clientUuid, access: deviceAccess(clientUuid) }),
    connectService: (connection) =>
      connectMqtt({ ...connection, ...service, ...clientTls, port: broker.port }),
    ...clientTls,
    folder,
    reload: () => process.kill(broker.pid, 'SIGHUP'),
    stop: async () => {
      await broker.stop();
      removeTemporaryFolder(folder);
    },
    kill: (signal) => broker.kill(signal),
    restart: () => broker.restart(),
  };
}

function startKind(kind: BrokerKind, options: Parameters<typeof startMosquitto>[0]): Promise<Broker> {
  if (kind === 'embedded') return startEmbeddedBroker(options);
  const { mosquitto } = testRun();
  if (mosquitto === undefined) throw new Error('This run has no Mosquitto; ask mosquittoAvailable() first.');
  return startMosquitto({ ...options, mosquitto: JSON.parse(mosquitto) as Mosquitto });
}

async function makeAccount(
  admin: Parameters<typeof connectAccountControl>[0],
  account: Parameters<TestBroker['addAccount']>[0],
): Promise<Credentials> {
  const { username, access, clientId } = account;
  const password = randomSecret();
  const control = await connectAccountControl(admin);
  try {
    await control.run(
      { command: 'createRole', rolename: username, acls: aclRules(access) },
      {
        command: 'createClient',
        username,
        password,
        roles: [{ rolename: username }],
        ...(clientId === undefined ? {} : { clientid: clientId }),
      },
    );
  } finally {
    await control.end();
  }
  return { username, password };
}

function randomSecret(): string {
  return randomBytes(24).toString('base64url');
}
