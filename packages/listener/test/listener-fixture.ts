import { randomUUID } from 'node:crypto';
import {
  type ListenerSettings,
  listenerSettingsSchema,
  type RunningListener,
  startListener,
} from '@infoscreen/listener';
import type { LogFields, Logger } from '@infoscreen/service-kit';
import { type DeviceTopicKind, deviceTopic, laneOf } from '@infoscreen/shared-types';
import {
  connectMqtt,
  createTestDatabase,
  eventually,
  type MqttConnection,
  startTestBroker,
  type TestBroker,
  type TestDatabase,
} from '@infoscreen/test-kit';
import pg from 'pg';

export const LANES = 4;
export type BrokerKind = TestBroker['kind'];

export interface ListenerFixture {
  readonly broker: TestBroker;
  readonly pool: pg.Pool;
  readonly ownerUrl: string;
  /** All lines of all replicas, as `message` and fields. */
  readonly lines: readonly ({ readonly message: string } & LogFields)[];
  /** Starts a replica, and waits until it answers as ready. `settings` go over those of the schema. */
  startReplica(
    instance?: string,
    lanes?: number,
    settings?: Partial<ListenerSettings>,
  ): Promise<RunningListener>;
  /** Publishes as any device may. */
  publish(
    clientUuid: string,
    kind: DeviceTopicKind,
    payload: unknown,
    options?: { qos?: 0 | 1; retain?: boolean },
  ): Promise<void>;
  publishRaw: MqttConnection['publish'];
  /** A client that is known, whose lane is `lane` where one is given. */
  addClient(lane?: number): Promise<string>;
  /** Runs a statement as the owner of the database. */
  asOwner: TestDatabase['asOwner'];
  /** Rows of a query. */
  rows<Row>(sql: string, ...values: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** A database, a broker and as many replicas of the listener as a test starts. */
export async function startListenerFixture(
  kind: BrokerKind = 'mosquitto',
  makeDatabase: () => Promise<TestDatabase> = createTestDatabase,
): Promise<ListenerFixture> {
  const database = await makeDatabase();
  const broker = await startTestBroker({ kind });
  const account = await broker.addAccount({
    username: 'devices',
    access: { publish: ['infoscreen/#'], subscribe: [], receive: [] },
  });
  const device = await connectMqtt({ port: broker.port, clientId: 'devices', ...account });
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  const lines: ({ message: string } & LogFields)[] = [];
  const replicas: RunningListener[] = [];
  const rows = async <Row>(sql: string, ...values: unknown[]) =>
    (await pool.query(sql, values)).rows as Row[];
  return {
    broker,
    pool,
    ownerUrl: database.ownerUrl,
    lines,
    rows,
    asOwner: database.asOwner,
    startReplica: async (instance = `listener-${randomUUID()}`, lanes = LANES, settings = {}) => {
      const replica = await startListener({
        settings: { ...settingsOf(database, broker, { instance, lanes }), ...settings },
        logger: loggerInto(lines),
      });
      replicas.push(replica);
      await eventually(async () => (await fetch(`http://127.0.0.1:${replica.opsPort}/readyz`)).ok);
      return replica;
    },
    publish: (clientUuid, kind, payload, options) =>
      device.publish(deviceTopic(clientUuid, kind), payload, options),
    publishRaw: device.publish,
    addClient: async (lane) => {
      let uuid = randomUUID();
      while (lane !== undefined && laneOf(uuid, LANES) !== lane) uuid = randomUUID();
      await pool.query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
      return uuid;
    },
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await device.end();
      await pool.end();
      await broker.stop();
      await database.drop();
    },
  };
}

/** Waits until every lane has stored a canary of its present holder, in both streams: what comes now is live. */
export async function untilFlowing(fixture: ListenerFixture, lanes = LANES): Promise<void> {
  await eventually(
    async () => {
      const [row] = await fixture.rows<{ flowing: number }>(
        `SELECT count(*)::int AS flowing FROM listener_lanes
         WHERE lane_count = $1 AND holder IS NOT NULL AND acks_stored_at >= held_since AND telemetry_stored_at >= held_since`,
        lanes,
      );
      return row?.flowing === lanes;
    },
    { what: 'all lanes flow', deadlineMs: 20_000 },
  );
}

function settingsOf(
  database: TestDatabase,
  broker: TestBroker,
  { instance, lanes }: { readonly instance: string; readonly lanes: number },
) {
  return listenerSettingsSchema.parse({
    DATABASE_URL: database.url,
    MQTT_HOST: broker.host,
    MQTT_PORT: String(broker.port),
    MQTT_USER: broker.service.username,
    MQTT_PASSWORD: broker.service.password,
    INSTANCE_ID: instance,
    LISTENER_LANES: String(lanes),
    OPS_PORT: '0',
  });
}

function loggerInto(lines: ({ message: string } & LogFields)[]): Logger {
  const bind = (bound: LogFields): Logger => {
    const write = (level: string) => (message: string, fields?: LogFields) => {
      lines.push({ ...bound, ...fields, level, message });
    };
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => bind({ ...bound, ...fields }),
    };
  };
  return bind({});
}
