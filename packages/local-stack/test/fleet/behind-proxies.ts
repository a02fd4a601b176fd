import { createServer, type Server, type Socket } from 'node:net';
import type { ServiceName } from '@infoscreen/shared-types';
import {
  createTestDatabase,
  eventually,
  type ServiceProcess,
  serviceSettings,
  startReplica,
  startTcpProxy,
  startTestBroker,
  type TcpProxy,
  type TestBroker,
} from '@infoscreen/test-kit';
import pg from 'pg';

/** What a service reaches through a link that can stall, or be away. */
export interface Backend {
  readonly proxy: TcpProxy;
  /** Refuses from now on: connections end, and new ones are cut at once. */
  goAway(): Promise<void>;
  /** Connections that were tried since it went away. */
  tries(): number;
  comeBack(): Promise<void>;
}

export interface StartedService {
  readonly process: ServiceProcess;
  readonly url: string;
  /** The value of a metric whose line begins so. */
  metric(line: string): Promise<number>;
}

/** A database and a broker behind proxies, and services as processes that know only those. */
export interface BehindProxies {
  readonly database: Backend;
  readonly broker: Backend;
  /** Past the proxies. */
  readonly pool: pg.Pool;
  readonly testBroker: TestBroker;
  /** Starts a replica, and waits until it is ready and connected. */
  start(service: ServiceName, env?: Readonly<Record<string, string>>): Promise<StartedService>;
  stop(): Promise<void>;
}

export async function startBehindProxies(): Promise<BehindProxies> {
  const testDatabase = await createTestDatabase();
  const testBroker = await startTestBroker();
  const databaseUrl = new URL(testDatabase.url);
  const database = await startBackend({ host: databaseUrl.hostname, port: Number(databaseUrl.port) });
  const broker = await startBackend({ host: testBroker.host, port: testBroker.port });
  const pool = new pg.Pool({ connectionString: testDatabase.url, max: 4 });
  databaseUrl.port = String(database.proxy.port);
  const settings = serviceSettings(databaseUrl.href, {
    host: broker.proxy.host,
    port: broker.proxy.port,
    service: testBroker.service,
    admin: testBroker.admin,
  });
  const started: StartedService[] = [];
  return {
    database,
    broker,
    pool,
    testBroker,
    start: async (service, more = {}) => {
      const replica = await startMeasured(service, { ...settings, ...more });
      started.push(replica);
      return replica;
    },
    stop: async () => {
      for (const { process } of started) if (process.isRunning()) await process.kill('SIGKILL');
      await database.proxy.stop();
      await broker.proxy.stop();
      await pool.end();
      await testBroker.stop();
      await testDatabase.drop();
    },
  };
}

async function startMeasured(
  service: ServiceName,
  settings: Readonly<Record<string, string>>,
): Promise<StartedService> {
  const { url, process } = await startReplica(service, settings);
  const metric = async (line: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const found = text.split('\n').find((candidate) => candidate.startsWith(line));
    return Number(found?.split(' ').at(-1));
  };
  await eventually(async () => (await metric('infoscreen_mqtt_connected{')) === 1, { deadlineMs: 20_000 });
  return { process, url, metric };
}

async function startBackend(target: { readonly host: string; readonly port: number }): Promise<Backend> {
  let proxy = await startTcpProxy({ target });
  const { port } = proxy;
  let refusing: Server | undefined;
  let tries = 0;
  const refuse = (socket: Socket) => {
    tries += 1;
    socket.on('error', () => {});
    socket.resetAndDestroy();
  };
  return {
    get proxy() {
      return proxy;
    },
    tries: () => tries,
    goAway: async () => {
      tries = 0;
      await proxy.stop();
      refusing = createServer(refuse);
      await new Promise<void>((resolve) => refusing?.listen(port, '127.0.0.1', resolve));
    },
    comeBack: async () => {
      await new Promise((resolve) => refusing?.close(resolve));
      proxy = await startTcpProxy({ target, port });
    },
  };
}
