import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createSimulatedScreen,
  type SimulatedScreen,
  type SimulatedScreenOptions,
} from '@infoscreen/device-agent';
import type { BrokerKind } from '@infoscreen/local-stack';
import { SERVICE_NAMES, type ServiceName } from '@infoscreen/shared-types';
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts';
import { type CertificateBroker, startCertificateBroker } from '../certificates/tls-broker.ts';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';
import { eventually } from '../eventually.ts';
import { type ApiUser, logInAt } from './fleet-api.ts';
import { FIRST_ADMIN, serviceSettings } from './service-settings.ts';
import { type FleetProcess, startReplica } from './start-replica.ts';

export interface FleetOptions {
  /** `certificates`: a Mosquitto with TLS, where the services have passwords and the screens certificates. */
  readonly broker?: BrokerKind | 'certificates';
  /** Replicas of each service; 1 when left out. */
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** Settings of all services, over the ones for tests. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The real three services as processes, a real database and a real broker, and screens that speak MQTT. */
export interface Fleet {
  readonly broker: TestBroker;
  readonly database: TestDatabase;
  /** The first superadmin, at the first server. */
  readonly admin: ApiUser;
  of(service: ServiceName): readonly FleetProcess[];
  /** Makes an account through the API and starts a simulated screen with it; resolves when it is known as alive. */
  addScreen(options?: Partial<SimulatedScreenOptions>): Promise<SimulatedScreen>;
  stop(): Promise<void>;
}

/** @throws when a part doesn't start; what was started is stopped then */
export async function startFleet(options: FleetOptions = {}): Promise<Fleet> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const end of stops.toReversed()) await end().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'the fleet did not stop cleanly');
  };
  try {
    const database = await createTestDatabase();
    stops.push(() => database.drop());
    const { broker, certified } = await startFleetBroker(options.broker);
    stops.push(() => broker.stop());
    const settings = {
      ...serviceSettings(database.url, broker),
      ...(certified === undefined ? {} : tlsSettings(certified)),
      SCHEDULER_INTERVAL_SECONDS: '1',
      ...options.settings,
    };
    const processes: FleetProcess[] = [];
    for (const service of SERVICE_NAMES) {
      for (let replica = 0; replica < (options.replicas?.[service] ?? 1); replica += 1) {
        const started = await startReplica(service, {
          ...settings,
          INSTANCE_ID: `${service}-${replica}`,
        });
        stops.push(() => started.process.stop());
        processes.push(started);
      }
    }
    const of = (service: ServiceName) => processes.filter((process) => process.service === service);
    const baseUrl = of('server')[0]?.url ?? '';
    const admin = await logInAt(baseUrl, FIRST_ADMIN.username, FIRST_ADMIN.password);
    await untilHealthy(admin);
    return {
      broker,
      database,
      admin,
      of,
      addScreen: (screen) => addScreen({ broker, certified, admin, stops }, screen),
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

async function startFleetBroker(
  kind: FleetOptions['broker'],
): Promise<{ readonly broker: TestBroker; readonly certified: CertificateBroker | undefined }> {
  if (kind !== 'certificates')
    return { broker: await startTestBroker(kind === undefined ? {} : { kind }), certified: undefined };
  const certified = await startCertificateBroker();
  return { broker: certified.broker, certified };
}

function tlsSettings({ broker, authority }: CertificateBroker): Record<string, string> {
  const caFile = join(broker.folder, 'ca.crt');
  writeFileSync(caFile, authority.cert);
  return { MQTT_TLS: 'true', MQTT_CA_FILE: caFile };
}

async function certificateDoor({ certificatePort, authority, screens }: CertificateBroker, uuid: string) {
  const { cert, key } = await screens.issue({ commonName: uuid });
  return { mqttPort: certificatePort, mqttTls: { ca: authority.cert, cert, key } };
}

async function untilHealthy(admin: ApiUser): Promise<void> {
  let problems: unknown;
  await eventually(
    async () => {
      const { json } = await admin.call('GET', '/api/monitoring/system');
      problems = json.problems;
      return json.healthy === true;
    },
    { deadlineMs: 60_000, what: () => `the system is healthy: ${JSON.stringify(problems)}` },
  );
}

interface ScreenDeps {
  readonly broker: TestBroker;
  readonly certified: CertificateBroker | undefined;
  readonly admin: ApiUser;
  readonly stops: (() => Promise<unknown>)[];
}

async function addScreen(
  { broker, certified, admin, stops }: ScreenDeps,
  options: Partial<SimulatedScreenOptions> = {},
): Promise<SimulatedScreen> {
  const { status, json } = await admin.call('POST', '/api/clients', {
    hostname: options.hostname ?? 'screen',
    mqtt_auth: certified === undefined ? 'password' : 'certificate',
  });
  if (status !== 201) throw new Error(`POST /api/clients answered ${status}: ${JSON.stringify(json)}`);
  const { username, password } = json.mqtt;
  const door =
    certified === undefined
      ? { password, mqttPort: broker.port }
      : await certificateDoor(certified, username);
  const screen = createSimulatedScreen({
    uuid: username,
    mqttHost: broker.host,
    ...door,
    heartbeatIntervalSeconds: 1,
    healthIntervalSeconds: 1,
    rebootSeconds: 0.5,
    restartAppSeconds: 0.2,
    ...options,
  });
  stops.push(() => screen.stop());
  await screen.start();
  await screen.whenOnline();
  await eventually(async () => (await admin.call('GET', `/api/clients/${username}`)).json.is_alive === true, {
    deadlineMs: 20_000,
    what: 'the screen is alive',
  });
  return screen;
}
