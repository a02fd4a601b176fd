import type { Queryable } from '@infoscreen/prisma';
import type { ServiceName, ServiceReport } from '@infoscreen/shared-types';
import type { Logger } from '../logging/logger.ts';
import { createLoop } from '../loop/create-loop.ts';
import { settledWithin } from './settled-within.ts';

export const INSTANCE_REPORT_INTERVAL_MS = 5000;
const STOP_TIMEOUT_MS = 1000;

export interface InstanceReporterOptions {
  readonly pool: Queryable;
  readonly service: ServiceName;
  readonly instance: string;
  readonly version: string;
  readonly report: () => ServiceReport;
  readonly logger: Logger;
}

export interface InstanceReporter {
  /** Writes the first report, then one every 5 s. */
  start(): void;
  /** Marks the replica as stopped on purpose; doesn't fail when the database is away. */
  stop(): Promise<void>;
}

const REPORT_SQL = `
  INSERT INTO service_instances (instance, service, version, started_at, last_seen_at, report)
  VALUES ($1, $2, $3, clock_timestamp(), clock_timestamp(), $4)
  ON CONFLICT (instance) DO UPDATE
  SET last_seen_at = excluded.last_seen_at, stopped_at = NULL, version = excluded.version, report = excluded.report,
      started_at = CASE WHEN $5 THEN excluded.started_at ELSE service_instances.started_at END`;
const STOPPED_SQL = `
  UPDATE service_instances SET stopped_at = clock_timestamp(), last_seen_at = clock_timestamp(), report = $2 WHERE instance = $1`;

/** Each replica reports itself into `service_instances`: the monitoring and the other replicas see it there. */
export function createInstanceReporter(options: InstanceReporterOptions): InstanceReporter {
  const { pool, service, instance, version, report, logger } = options;
  let isFirst = true;
  const loop = createLoop({
    name: 'instance_report',
    intervalMs: INSTANCE_REPORT_INTERVAL_MS,
    logger,
    runOnce: async () => {
      await pool.query(REPORT_SQL, [instance, service, version, JSON.stringify(report()), isFirst]);
      isFirst = false;
    },
  });
  return {
    start: () => loop.start(),
    stop: async () => {
      const recorded = loop
        .stop()
        .then(() => pool.query(STOPPED_SQL, [instance, JSON.stringify({ ...report(), ready: false })]))
        .catch((error: unknown) => logger.warn('the stop was not recorded', { error }));
      if (!(await settledWithin(STOP_TIMEOUT_MS, recorded))) logger.warn('the stop was not recorded in time');
    },
  };
}
