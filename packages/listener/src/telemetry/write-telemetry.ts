import { inTransaction } from '@infoscreen/prisma';
import type pg from 'pg';
import { deviceTime } from '../intake/device-time.ts';
import type { ClientTelemetry } from './client-telemetry.ts';
import type { DatabaseClock } from './database-clock.ts';

/** What became of one client's telemetry. */
export interface WrittenTelemetry {
  readonly clientUuid: string;
  /** There is such a client, and it isn't deleted. */
  readonly isKnown: boolean;
  /** Somebody else holds the client's row: nothing was written. */
  readonly isLocked: boolean;
  readonly bootId: string | null;
  readonly appVersion: string | null;
}

export interface TelemetryCanary {
  readonly lane: number;
  readonly laneCount: number;
  readonly epoch: string;
}

/** One array per column: its name, its type, and its value of one client. */
const COLUMNS: readonly (readonly [
  string,
  string,
  (telemetry: ClientTelemetry, clock: DatabaseClock) => unknown,
])[] = [
  ['uuid', 'uuid', (t) => t.clientUuid],
  ['received', 'timestamptz', (t, clock) => clock.timeOf(t.receivedAtMs)],
  ['device_time', 'timestamptz', (t) => deviceTime(t.deviceTime)],
  ['process_status', 'text', (t) => t.processStatus],
  ['health_received', 'timestamptz', (t, clock) => t.health && clock.timeOf(t.health.receivedAtMs)],
  ['health_process_status', 'text', (t) => t.health?.payload.process_status],
  ['process_name', 'text', (t) => t.health?.payload.process_name],
  ['process_pid', 'int', (t) => t.health?.payload.process_pid],
  ['uptime_s', 'float8', (t) => t.health?.payload.uptime_s],
  ['cpu', 'real', (t) => asReal(t.health?.payload.metrics?.cpu_percent)],
  ['memory', 'real', (t) => asReal(t.health?.payload.metrics?.memory_percent)],
  ['disk', 'real', (t) => asReal(t.health?.payload.metrics?.disk_percent)],
  ['temperature', 'real', (t) => asReal(t.health?.payload.metrics?.temperature_c)],
  ['reconnect_count', 'int', (t) => t.health?.payload.broker_connection?.reconnect_count],
  [
    'last_disconnect',
    'timestamptz',
    (t) => deviceTime(t.health?.payload.broker_connection?.last_disconnect_at),
  ],
];

/** What is too small for `real` becomes 0 here: Postgres would refuse it, and with it all that the client told. */
function asReal(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.fround(value);
}

/** By so much two replicas may differ about the same moment, and one about two: what is older by more changes nothing. */
const CLOCK_TOLERANCE = "interval '1 second'";

/**
 * Times are those of the database's clock, and never in its future. A row that another transaction holds is skipped, so that
 * one client never holds up the batch. What was received by another replica before what is stored changes nothing; one
 * replica writes in the order in which it received.
 */
const WRITE_SQL = `
  WITH told AS MATERIALIZED (
    SELECT *, least(received, clock_timestamp()) AS at, least(health_received, clock_timestamp()) AS health_at
    FROM unnest(${COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')})
      AS t (${COLUMNS.map(([name]) => name).join(', ')})
  ), known AS MATERIALIZED (
    SELECT uuid, app_version FROM clients WHERE uuid = ANY ($1::uuid[]) AND deleted_at IS NULL
  ), locked AS MATERIALIZED (
    SELECT client_uuid, boot_id FROM client_states WHERE client_uuid = ANY ($1::uuid[])
    ORDER BY client_uuid FOR NO KEY UPDATE SKIP LOCKED
  ), stored AS (
    UPDATE client_states s SET
      last_alive = greatest(s.last_alive, t.at),
      last_message_at = greatest(s.last_message_at, t.at),
      process_status = coalesce(t.process_status, s.process_status),
      crashed_at = CASE WHEN coalesce(t.process_status, s.process_status) IS DISTINCT FROM 'crashed' THEN NULL
        WHEN s.process_status = 'crashed' THEN s.crashed_at ELSE t.at END,
      clock_offset_ms = coalesce(extract(epoch FROM t.device_time - t.at) * 1000, s.clock_offset_ms),
      last_health_at = coalesce(t.health_at, s.last_health_at),
      process_name = coalesce(t.process_name, s.process_name),
      process_pid = CASE WHEN t.health_at IS NULL THEN s.process_pid ELSE t.process_pid END,
      uptime_seconds = CASE WHEN t.health_at IS NULL THEN s.uptime_seconds ELSE t.uptime_s END,
      mqtt_reconnect_count = coalesce(t.reconnect_count, s.mqtt_reconnect_count),
      mqtt_last_disconnect_at = coalesce(t.last_disconnect, s.mqtt_last_disconnect_at),
      cpu_percent = CASE WHEN t.health_at IS NULL THEN s.cpu_percent ELSE t.cpu END,
      memory_percent = CASE WHEN t.health_at IS NULL THEN s.memory_percent ELSE t.memory END,
      disk_percent = CASE WHEN t.health_at IS NULL THEN s.disk_percent ELSE t.disk END,
      temperature_c = CASE WHEN t.health_at IS NULL THEN s.temperature_c ELSE t.temperature END
    FROM told t JOIN known USING (uuid) JOIN locked ON locked.client_uuid = t.uuid
    WHERE s.client_uuid = t.uuid AND (s.last_alive IS NULL OR s.last_alive < t.at + ${CLOCK_TOLERANCE})
  ), sampled AS (
    INSERT INTO health_samples (client_uuid, received_at, process_status, cpu_percent, memory_percent, disk_percent,
      temperature_c, mqtt_reconnect_count)
    SELECT t.uuid, t.health_at, t.health_process_status, t.cpu, t.memory, t.disk, t.temperature, t.reconnect_count
    FROM told t JOIN known USING (uuid) JOIN locked ON locked.client_uuid = t.uuid
    WHERE t.health_at IS NOT NULL
    ON CONFLICT DO NOTHING
  )
  SELECT t.uuid AS "clientUuid", known.uuid IS NOT NULL AS "isKnown",
    known.uuid IS NOT NULL AND locked.client_uuid IS NULL AS "isLocked", locked.boot_id AS "bootId",
    known.app_version AS "appVersion"
  FROM told t LEFT JOIN known USING (uuid) LEFT JOIN locked ON locked.client_uuid = t.uuid`;

const CANARY_SQL = `
  UPDATE listener_lanes l SET telemetry_stored_at = clock_timestamp()
  FROM unnest($2::int[], $3::int[], $4::bigint[]) AS canary (lane_count, lane, epoch)
  WHERE l.lane_count = canary.lane_count AND l.lane = canary.lane AND l.epoch = canary.epoch AND l.holder = $1`;

export interface TelemetryBatch {
  /** In the order of the UUIDs; each client once. */
  readonly clients: readonly ClientTelemetry[];
  readonly canaries: readonly TelemetryCanary[];
  readonly instance: string;
  readonly clock: DatabaseClock;
}

/** Stores a batch in one transaction. @returns one entry per client of the batch, in any order */
export function writeTelemetry(
  pool: pg.Pool,
  { clients, canaries, instance, clock }: TelemetryBatch,
): Promise<readonly WrittenTelemetry[]> {
  return inTransaction(pool, async (db) => {
    // Also where there are canaries alone: what is learnt in a quiet moment is exact when a storm begins.
    await clock.refresh(db);
    const written = clients.length === 0 ? [] : await writeClients(db, clients, clock);
    if (canaries.length > 0) {
      await db.query(CANARY_SQL, [
        instance,
        canaries.map(({ laneCount }) => laneCount),
        canaries.map(({ lane }) => lane),
        canaries.map(({ epoch }) => epoch),
      ]);
    }
    return written;
  });
}

async function writeClients(
  db: pg.PoolClient,
  clients: readonly ClientTelemetry[],
  clock: DatabaseClock,
): Promise<readonly WrittenTelemetry[]> {
  const values = COLUMNS.map(([, , read]) => clients.map((telemetry) => read(telemetry, clock) ?? null));
  const { rows } = await db.query<WrittenTelemetry>({ name: 'write_telemetry', text: WRITE_SQL, values });
  return rows;
}
