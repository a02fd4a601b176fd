import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Mosquitto } from '@infoscreen/local-stack';
import { SERVICE_NAMES, type ServiceName } from '@infoscreen/shared-types';
import { eventually, FIRST_ADMIN, makeTemporaryFolder, removeTemporaryFolder } from '@infoscreen/test-kit';
import type { ChaosOptions, Twin } from '../run/chaos-options.ts';
import { seededRandom } from '../run/random.ts';
import { type ChaosBroker, startChaosBroker } from './chaos-broker.ts';
import { type ChaosDatabase, startChaosDatabase } from './chaos-database.ts';
import { type Link, openLink } from './link.ts';
import { addNaiveAccount } from './naive-account.ts';
import { Replica } from './replica.ts';
import { replicaSettings } from './replica-settings.ts';

const REPLICAS = 2;
const NAIVE_LISTENER = 'packages/test-kit/dist/twins/naive-listener-main.js';
const READY_DEADLINE_MS = 120_000;

/** The real three services, two replicas of each, on a database and a broker of their own; every link can be broken. */
export interface ChaosSystem {
  readonly database: ChaosDatabase;
  readonly broker: ChaosBroker;
  readonly replicas: readonly Replica[];
  /** Between each replica and both servers, and between half of the screens and the broker. */
  readonly links: readonly Link[];
  /** Where screens reach the broker: directly, and over a link. */
  readonly brokerPorts: readonly [direct: number, linked: number];
  readonly admin: { readonly username: string; readonly password: string };
  of(service: ServiceName): readonly Replica[];
  untilReady(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws when a part doesn't start; what was started is stopped then */
export async function startSystem(
  options: ChaosOptions,
  mosquitto: Mosquitto | undefined,
): Promise<ChaosSystem> {
  const folder = makeTemporaryFolder('chaos');
  const stops: (() => Promise<unknown>)[] = [async () => removeTemporaryFolder(folder)];
  let unmount = () => {};
  // Of a run that is interrupted; its processes end by themselves when this one is gone.
  const leaveNothing = () => {
    unmount();
    removeTemporaryFolder(folder);
  };
  process.once('exit', leaveNothing);
  const stop = async () => {
    for (const end of stops.splice(0).toReversed()) await end();
    process.removeListener('exit', leaveNothing);
  };
  try {
    const database = await startChaosDatabase(folder, options.kinds.includes('disk_full'));
    unmount = () => database.disk?.unmount();
    stops.push(() => database.stop());
    const broker = await startChaosBroker(folder, mosquitto);
    stops.push(() => broker.broker.stop());
    const links: Link[] = [];
    const link = async (name: string, port: number) => {
      const opened = await openLink(name, port);
      stops.push(() => opened.stop());
      links.push(opened);
      return opened;
    };
    const screensLink = await link('screens to broker', broker.broker.port);
    const naiveAccount = hasNaiveListener(options.twin) ? await addNaiveAccount(broker) : {};
    const replicas: Replica[] = [];
    for (const [index, name] of replicaNames().entries()) {
      const service = SERVICE_NAMES[Math.floor(index / REPLICAS)] as ServiceName;
      const { entry, settings } = program(service, options.twin, naiveAccount);
      const replica = await Replica.start({
        service,
        name,
        entry,
        env: {
          ...replicaSettings({
            databaseUrl: database.serviceUrl,
            databasePort: (await link(`${name} to database`, database.server.port)).port,
            brokerPort: (await link(`${name} to broker`, broker.broker.port)).port,
            brokerAdmin: broker.admin,
            ttlSeconds: options.ttlSeconds,
          }),
          ...settings,
        },
        random: seededRandom(options.seed + index + 1),
        onLine: logWriter(options.logFolder, name),
      });
      stops.push(() => replica.stop());
      replicas.push(replica);
    }
    const untilReady = async () => {
      await eventually(async () => (await Promise.all(replicas.map((it) => it.isReady()))).every(Boolean), {
        deadlineMs: READY_DEADLINE_MS,
        intervalMs: 200,
        what: () => `every replica is ready:\n${replicas.map(lastWords).join('\n')}`,
      });
    };
    await untilReady();
    return {
      database,
      broker,
      replicas,
      links,
      brokerPorts: [broker.broker.port, screensLink.port],
      admin: FIRST_ADMIN,
      of: (service) => replicas.filter((replica) => replica.service === service),
      untilReady,
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** Appends to a file of the replica's own, over all its lives. */
function logWriter(folder: string | undefined, name: string): ((line: string) => void) | undefined {
  if (folder === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  return (line) => appendFileSync(join(folder, `${name}.log`), `${line}\n`);
}

function replicaNames(): string[] {
  return SERVICE_NAMES.flatMap((service) =>
    Array.from({ length: REPLICAS }, (_, replica) => `${service}-${replica}`),
  );
}

function lastWords(replica: Replica): string {
  return `${replica.name}: ${replica.lastLines().slice(-3).join('\n  ')}`;
}

/** What runs as this service, and the settings that it has besides the usual ones. */
function program(
  service: ServiceName,
  twin: Twin | undefined,
  naiveAccount: Readonly<Record<string, string>>,
): { readonly entry: string; readonly settings: Readonly<Record<string, string>> } {
  if (service === 'listener' && twin !== undefined && hasNaiveListener(twin))
    return {
      entry: NAIVE_LISTENER,
      settings: { NAIVE_LISTENER: twin.replaceAll('-', '_'), ...naiveAccount },
    };
  return { entry: `packages/${service}/dist/main.js`, settings: {} };
}

function hasNaiveListener(twin: Twin | undefined): boolean {
  return twin === 'acknowledge-before-commit' || twin === 'share-group';
}
