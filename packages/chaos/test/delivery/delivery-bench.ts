import { randomUUID } from 'node:crypto';
import { issueCommand } from '@infoscreen/commands';
import { type DeviceTopicKind, deviceTopic, TOPIC_ROOT } from '@infoscreen/shared-types';
import {
  connectMqtt,
  createTestDatabase,
  eventually,
  freePort,
  naiveListenerAccess,
  type ServiceProcess,
  startProcess,
  startTcpProxy,
  startTestBroker,
  type TestBroker,
  type TestDatabase,
} from '@infoscreen/test-kit';
import pg from 'pg';

/** A listener or one of its twins: what to start, and with which settings besides the listener's own. */
export interface ListenerKind {
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
}

const CLIENTS = 40;
const MARK = /said-[0-9a-f-]{36}/g;
const LIFECYCLE = {
  commandTtlSeconds: 240,
  resultTimeoutSeconds: 300,
  lockoutMaxCommands: 3,
  lockoutWindowSeconds: 900,
  legacyTopics: true,
};

export interface DeliveryBench {
  readonly broker: TestBroker;
  startReplica(instance: string): Promise<ServiceProcess>;
  /** Resolves when what is said now is stored. */
  untilFlowing(): Promise<void>;
  /** Every client says `completed` of its command and that a service failed; resolves when the broker has taken all. */
  sayAll(): Promise<void>;
  /** The database answers nobody any more. */
  stallDatabase(): void;
  /** It answers again; what was said to it meanwhile never reached it. */
  resumeDatabase(): void;
  /** Resolves when the replicas have been given so many messages since the database stalled. */
  untilDelivered(messages: number): Promise<void>;
  /** What the broker took and the database doesn't hold. */
  losses(): Promise<readonly string[]>;
  /** The losses, when nothing has been stored any more for some seconds. */
  lossesWhenQuiet(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Two processes of one kind share the work, or are meant to; database and broker are behind links. */
export async function startDeliveryBench(kind: ListenerKind): Promise<DeliveryBench> {
  const database = await createTestDatabase();
  const broker = await startTestBroker();
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  const links = await startLinks(database, broker);
  const account = await broker.addAccount({ username: 'listeners', access: naiveListenerAccess() });
  const settings = { ...links.settings, MQTT_USER: account.username, MQTT_PASSWORD: account.password };
  const replicas: ServiceProcess[] = [];
  return {
    broker,
    startReplica: async (instance) => {
      const replica = await startReplica(kind, { ...settings, INSTANCE_ID: instance });
      replicas.push(replica);
      return replica;
    },
    ...createBooks(pool, await devicesAt(broker)),
    stallDatabase: links.stallDatabase,
    resumeDatabase: links.resumeDatabase,
    untilDelivered: links.untilDelivered,
    stop: async () => {
      links.resumeDatabase();
      await Promise.all(replicas.map((replica) => replica.stop()));
      await links.stop();
      await pool.end();
      await broker.stop();
      await database.drop();
    },
  };
}

async function startReplica(
  { entry, env }: ListenerKind,
  settings: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const port = await freePort();
  return startProcess({
    entry,
    env: { ...env, ...settings, OPS_PORT: String(port) },
    readyUrl: `http://127.0.0.1:${port}/readyz`,
  });
}

/** What lies between the replicas and what they work with. */
async function startLinks(database: TestDatabase, broker: TestBroker) {
  const url = new URL(database.url);
  const delivered = new Set<string>();
  const databaseLink = await startTcpProxy({ target: { host: url.hostname, port: Number(url.port) } });
  const brokerLink = await startTcpProxy({
    target: { host: broker.host, port: broker.port },
    inspect: (piece, direction) => {
      if (direction === 'to_client')
        for (const [mark] of piece.toString('latin1').matchAll(MARK)) delivered.add(mark);
      return 'pass';
    },
  });
  url.host = `${databaseLink.host}:${databaseLink.port}`;
  return {
    settings: { DATABASE_URL: url.href, MQTT_HOST: brokerLink.host, MQTT_PORT: String(brokerLink.port) },
    stallDatabase: () => {
      delivered.clear();
      databaseLink.stall();
    },
    resumeDatabase: () => {
      databaseLink.cut();
      databaseLink.resume();
    },
    untilDelivered: async (messages: number) => {
      await eventually(() => delivered.size >= messages, {
        what: () => `${messages} messages are delivered, so far ${delivered.size}`,
      });
    },
    stop: () => Promise.all([databaseLink.stop(), brokerLink.stop()]),
  };
}

async function devicesAt(broker: TestBroker): Promise<Say> {
  const account = await broker.addAccount({
    username: 'devices',
    access: { publish: [`${TOPIC_ROOT}/#`], subscribe: [], receive: [] },
  });
  return async (messages) => {
    const connection = await connectMqtt({
      port: broker.port,
      clientId: `devices-${randomUUID()}`,
      ...account,
    });
    await Promise.all(
      messages.map(([uuid, kind, payload]) => connection.publish(deviceTopic(uuid, kind), payload)),
    );
    await connection.end();
  };
}

/** Publishes as devices; resolves when the broker has taken all. */
type Say = (messages: readonly (readonly [string, DeviceTopicKind, unknown])[]) => Promise<void>;

/** What was said and taken by the broker, against what the database holds. */
function createBooks(
  pool: pg.Pool,
  say: Say,
): Pick<DeliveryBench, 'untilFlowing' | 'sayAll' | 'losses' | 'lossesWhenQuiet'> {
  const said: { readonly mark: string; readonly commandId: string }[] = [];
  const losses = async () => {
    const { rows: units } = await pool.query<{ unit: string }>('SELECT unit FROM service_failures');
    const { rows: ended } = await pool.query<{ command_id: string }>(
      "SELECT command_id FROM client_commands WHERE status = 'completed'",
    );
    const stored = new Set([...units.map(({ unit }) => unit), ...ended.map((row) => row.command_id)]);
    return said.flatMap(({ mark, commandId }) => [mark, commandId].filter((name) => !stored.has(name)));
  };
  return {
    losses,
    untilFlowing: async () => {
      const probes = Array.from({ length: 12 }, () => randomUUID());
      for (const uuid of probes) await pool.query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
      await eventually(
        async () => {
          await say(probes.map((uuid) => [uuid, 'service_failed', { unit: 'probe' }]));
          const sql = 'SELECT FROM service_failures WHERE client_uuid = ANY ($1) GROUP BY client_uuid';
          return (await pool.query(sql, [probes])).rowCount === probes.length;
        },
        { deadlineMs: 30_000, intervalMs: 200, what: 'what is said is stored' },
      );
    },
    sayAll: async () => {
      const commands = await Promise.all(Array.from({ length: CLIENTS }, () => publishedCommand(pool)));
      const messages = commands.map((command) => ({ ...command, mark: `said-${randomUUID()}` }));
      await say(
        messages.flatMap(({ clientUuid, commandId, mark }) => [
          [clientUuid, 'service_failed', { unit: mark }] as const,
          [clientUuid, 'command_ack', { command_id: commandId, status: 'completed' }] as const,
        ]),
      );
      said.push(...messages);
    },
    lossesWhenQuiet: async () => {
      let quietSince = Date.now();
      let last = await losses();
      await eventually(
        async () => {
          const now = await losses();
          if (now.length !== last.length) quietSince = Date.now();
          last = now;
          return last.length === 0 || Date.now() - quietSince > QUIET_MS;
        },
        { deadlineMs: 60_000, intervalMs: 100, what: 'nothing more is stored' },
      );
      return last;
    },
  };
}

/** Longer than a lease of the twins and their pauses between two tries. */
const QUIET_MS = 8000;

async function publishedCommand(pool: pg.Pool): Promise<{ clientUuid: string; commandId: string }> {
  const clientUuid = randomUUID();
  await pool.query('INSERT INTO clients (uuid) VALUES ($1)', [clientUuid]);
  const issued = await issueCommand({ pool }, LIFECYCLE, {
    clientUuid,
    action: 'restart_app',
    reason: null,
    requestedBy: 'delivery',
    requestedByUserId: null,
    requestId: null,
    idempotencyKey: null,
    source: 'api',
  });
  if (issued.outcome !== 'queued') throw new Error(`not issued: ${issued.outcome}`);
  const { commandId } = issued.command;
  await pool.query(
    "UPDATE client_commands SET status = 'published', publish_attempt = 1, next_publish_at = NULL WHERE command_id = $1",
    [commandId],
  );
  return { clientUuid, commandId };
}
