import { createSimulatedScreen, type SimulatedScreen } from '@infoscreen/device-agent';
import { commandTopics, deviceAccess } from '@infoscreen/shared-types';
import {
  type ApiUser,
  createTestDatabase,
  eventually,
  FIRST_ADMIN,
  logInAt,
  mosquittoAvailable,
  serviceSettings,
  startReplica,
  startTestBroker,
  type TestBroker,
} from '@infoscreen/test-kit';
import pg from 'pg';
import { startVictim, type Victim } from './victim.ts';

/** A victim with a screen of its own, so that several can be hit at the same time. */
export interface Rig {
  readonly victim: Victim;
  readonly screen: SimulatedScreen;
}

export interface CrashFleet {
  readonly pool: pg.Pool;
  readonly rigs: readonly Rig[];
  /** Where the victims are servers. */
  readonly admin: ApiUser | undefined;
  /** The messages that the broker was given for a command on the current topic, oldest first. */
  messagesOf(commandId: string): readonly string[];
  stop(): Promise<void>;
}

export interface CrashFleetOptions {
  /** Of servers two are killed in turn, and a scheduler is left alone; of schedulers there is one. */
  readonly victims: 'server' | 'scheduler';
  /** The naive twin: screens that run a command as often as it arrives. */
  readonly withoutDeduplication?: boolean;
}

/** @throws when a part doesn't start; what was started is stopped then */
export async function startCrashFleet(options: CrashFleetOptions): Promise<CrashFleet> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await startParts(options, stops)), stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

async function startParts(
  { victims, withoutDeduplication = false }: CrashFleetOptions,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<CrashFleet, 'stop'>> {
  const database = await createTestDatabase();
  stops.push(() => database.drop());
  const broker = await startTestBroker({ kind: mosquittoAvailable() ? 'mosquitto' : 'embedded' });
  stops.push(() => broker.stop());
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  stops.push(() => pool.end());
  const settings = {
    ...serviceSettings(database.url, broker),
    SCHEDULER_INTERVAL_SECONDS: '1',
    LOCKOUT_MAX_COMMANDS: '1000',
  };
  for (const service of victims === 'server'
    ? (['listener', 'scheduler'] as const)
    : (['listener'] as const)) {
    const unharmed = await startReplica(service, { ...settings, INSTANCE_ID: `${service}-unharmed` });
    stops.push(() => unharmed.process.stop());
  }
  const rigs: Rig[] = [];
  let admin: ApiUser | undefined;
  for (const name of victims === 'server' ? ['server-0', 'server-1'] : ['scheduler-0']) {
    const victim = await startVictim({ service: victims, name, settings });
    stops.push(() => victim.stop());
    if (victims === 'server') admin ??= await logInAt(victim.url, FIRST_ADMIN.username, FIRST_ADMIN.password);
    const screen = await startScreen({ broker, pool, admin, withoutDeduplication });
    stops.push(() => screen.stop());
    rigs.push({ victim, screen });
  }
  // Not before: the broker cuts the connections of an account that the server's first start writes anew.
  const messages = await watchCommands(broker, stops);
  return { pool, rigs, admin, messagesOf: (commandId) => messages.get(commandId) ?? [] };
}

async function watchCommands(
  broker: TestBroker,
  stops: (() => Promise<unknown>)[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const messages = new Map<string, string[]>();
  const watcher = await broker.connectService({ clientId: 'crash-points-watcher' });
  stops.push(() => watcher.end());
  watcher.client.on('message', (_topic, payload) => {
    const text = payload.toString();
    const { command_id: commandId } = JSON.parse(text) as { command_id: string };
    messages.set(commandId, [...(messages.get(commandId) ?? []), text]);
  });
  for (const filter of commandTopics('+', { legacy: false })) await watcher.subscribe(filter);
  return messages;
}

interface ScreenDeps {
  readonly broker: TestBroker;
  readonly pool: pg.Pool;
  readonly admin: ApiUser | undefined;
  readonly withoutDeduplication: boolean;
}

async function startScreen({
  broker,
  pool,
  admin,
  withoutDeduplication,
}: ScreenDeps): Promise<SimulatedScreen> {
  const { username, password } =
    admin === undefined ? await accountPastTheServer(broker) : await accountOfTheServer(admin);
  const screen = createSimulatedScreen({
    uuid: username,
    password,
    mqttHost: broker.host,
    mqttPort: broker.port,
    heartbeatIntervalSeconds: 1,
    restartAppSeconds: 0.05,
    withoutDeduplication,
  });
  await screen.start();
  await screen.whenOnline();
  const sql =
    'SELECT FROM client_states WHERE client_uuid = $1 AND boot_id IS NOT NULL AND last_alive IS NOT NULL';
  await eventually(async () => (await pool.query(sql, [screen.uuid])).rowCount === 1, {
    deadlineMs: 20_000,
    what: 'the screen is known and alive',
  });
  return screen;
}

async function accountOfTheServer(admin: ApiUser): Promise<{ username: string; password: string }> {
  const { status, json } = await admin.call('POST', '/api/clients', { hostname: 'screen' });
  if (status !== 201) throw new Error(`POST /api/clients answered ${status}`);
  return json.mqtt;
}

async function accountPastTheServer(broker: TestBroker): Promise<{ username: string; password: string }> {
  const clientUuid = crypto.randomUUID();
  return broker.addAccount({ username: clientUuid, clientId: clientUuid, access: deviceAccess(clientUuid) });
}
