import type { Queryable } from '@infoscreen/prisma';
import { type MonitoringSystemView, serviceReportSchema } from '@infoscreen/shared-types';
import { systemProblems } from './system-problems.ts';

/** A replica that reported itself within this time is up; it does so every 5 s. */
const INSTANCE_FRESH_SECONDS = 15;
/** A lane whose canaries were stored within this time is up. */
const CANARY_FRESH_SECONDS = 20;
/** A replica that is gone for so long is no longer shown. */
const INSTANCE_SHOWN_SECONDS = 24 * 3600;

const SUSPENDED_SHOWN = 10;

export interface SystemDeps {
  readonly pool: Queryable;
  readonly broker: { readonly connected: boolean; readonly since: Date | null };
}

interface InstanceRow {
  readonly service: MonitoringSystemView['services'][number]['service'];
  readonly instance: string;
  readonly version: string;
  readonly up: boolean;
  readonly started_at: Date;
  readonly last_seen_at: Date;
  readonly report: unknown;
}
interface LaneRow {
  readonly lane: number;
  readonly holder: string | null;
  readonly acks_stored_at: Date | null;
  readonly telemetry_stored_at: Date | null;
  readonly up: boolean;
  readonly lag_s: number | null;
}

/** Every replica of every service, the broker, the database and the ingest: up, since when, lag. */
export async function readSystem({ pool, broker }: SystemDeps): Promise<MonitoringSystemView> {
  const startedAt = performance.now();
  const { rows } = await pool.query<{ version: string; pending: number; suspended: string[] }>(
    `SELECT current_setting('server_version') AS version,
       (SELECT count(*)::int FROM broker_accounts WHERE is_untold) AS pending,
       ARRAY(SELECT client_uuid::text FROM broker_accounts WHERE suspended_until > now()
         ORDER BY suspended_until DESC LIMIT $1) AS suspended`,
    [SUSPENDED_SHOWN],
  );
  const latencyMs = Math.round((performance.now() - startedAt) * 10) / 10;
  const state = {
    database: { up: true, latency_ms: latencyMs, version: rows[0]?.version ?? null },
    broker: {
      up: broker.connected,
      since: broker.since?.toISOString() ?? null,
      accounts_pending: rows[0]?.pending ?? 0,
      suspended_clients: rows[0]?.suspended ?? [],
    },
    services: await readInstances(pool),
    ingest: { lanes: await readLanes(pool) },
  };
  const problems = systemProblems(state);
  return { healthy: problems.length === 0, problems, ...state };
}

async function readInstances(pool: Queryable): Promise<MonitoringSystemView['services']> {
  const { rows } = await pool.query<InstanceRow>(
    `SELECT service, instance, version, started_at, last_seen_at, report,
       stopped_at IS NULL AND last_seen_at > now() - make_interval(secs => $1) AS up
     FROM service_instances
     WHERE last_seen_at > now() - make_interval(secs => $2) ORDER BY service, started_at, instance`,
    [INSTANCE_FRESH_SECONDS, INSTANCE_SHOWN_SECONDS],
  );
  return rows.flatMap((row) => {
    // A row of another version may have another shape: left out, so that it does not take the whole page with it.
    const report = serviceReportSchema.safeParse(row.report);
    if (!report.success) return [];
    return [
      {
        ...row,
        started_at: row.started_at.toISOString(),
        last_seen_at: row.last_seen_at.toISOString(),
        report: report.data,
      },
    ];
  });
}

async function readLanes(pool: Queryable): Promise<MonitoringSystemView['ingest']['lanes']> {
  const { rows } = await pool.query<LaneRow>(
    `SELECT lane, CASE WHEN lease_until > now() THEN holder END AS holder, acks_stored_at, telemetry_stored_at,
       coalesce(lease_until > now() AND holder IS NOT NULL
         AND least(acks_stored_at, telemetry_stored_at) > now() - make_interval(secs => $1)
         AND acks_stored_at IS NOT NULL AND telemetry_stored_at IS NOT NULL, false) AS up,
       greatest(extract(epoch FROM now() - least(acks_stored_at, telemetry_stored_at)), 0)::float8 AS lag_s
     FROM listener_lanes ORDER BY lane`,
    [CANARY_FRESH_SECONDS],
  );
  return rows.map((row) => ({
    ...row,
    acks_stored_at: row.acks_stored_at?.toISOString() ?? null,
    telemetry_stored_at: row.telemetry_stored_at?.toISOString() ?? null,
  }));
}
