import { lifecycleSettingsOf } from '@infoscreen/commands';
import { createDatabase } from '@infoscreen/prisma';
import {
  createInstanceReporter,
  createLoop,
  createMetrics,
  createOpsServer,
  type Logger,
} from '@infoscreen/service-kit';
import type { ServiceReport } from '@infoscreen/shared-types';
import type { MqttClient } from 'mqtt';
import type pg from 'pg';
import type { NaiveListenerSettings } from './env.ts';
import { acknowledgingBeforeCommit, sharingAGroup } from './naive-stream.ts';
import { storeNaively } from './store-naively.ts';

const HOLD_INTERVAL_MS = 500;

/**
 * A listener with one mistake. A suite about delivery that it passes proves nothing; while nothing breaks, a fleet works
 * with it as with the real one, and the monitoring finds nothing wrong with it.
 */
export async function startNaiveListener(
  settings: NaiveListenerSettings,
  logger: Logger,
): Promise<{ stop(): Promise<void> }> {
  const { INSTANCE_ID: instance } = settings;
  const database = createDatabase({
    url: settings.DATABASE_URL,
    applicationName: `infoscreen-naive-listener ${instance}`,
    poolSize: settings.DATABASE_POOL_SIZE,
  });
  const stream = createStream(settings, database.pool, logger);
  const reporter = createInstanceReporter({
    pool: database.pool,
    service: 'listener',
    instance,
    version: '0.0.0',
    report: () => reportOf(stream.isReady()),
    logger,
  });
  const ops = createOpsServer({
    host: settings.OPS_HOST,
    port: settings.OPS_PORT,
    readiness: async () => ({ ready: stream.isReady(), details: { naive: settings.NAIVE_LISTENER } }),
    metrics: createMetrics({ service: 'listener', instance }),
    logger,
  });
  await ops.start();
  reporter.start();
  stream.start();
  return {
    stop: async () => {
      await stream.stop();
      await reporter.stop();
      await ops.stop();
      await database.close();
    },
  };
}

/** Open while this replica may read; a standby is ready all the same. */
function createStream(settings: NaiveListenerSettings, pool: pg.Pool, logger: Logger) {
  let client: MqttClient | undefined;
  let isStandby = false;
  const lane = createLoop({
    name: 'lane',
    intervalMs: HOLD_INTERVAL_MS,
    logger,
    runOnce: async () => {
      isStandby = !(await holdsLane(pool, settings));
      if (isStandby && client !== undefined) await client.endAsync(true);
      if (isStandby) client = undefined;
      else client ??= openStream(settings, pool, logger);
    },
  });
  return {
    isReady: () => isStandby || client?.connected === true,
    start: () => lane.start(),
    stop: async () => {
      await lane.stop();
      await client?.endAsync();
    },
  };
}

function openStream(settings: NaiveListenerSettings, pool: pg.Pool, logger: Logger): MqttClient {
  const lifecycle = lifecycleSettingsOf(settings);
  const open = { acknowledge_before_commit: acknowledgingBeforeCommit, share_group: sharingAGroup };
  return open[settings.NAIVE_LISTENER](settings, (message) => storeNaively(pool, lifecycle, message), logger);
}

/** Of replicas with one session, one at a time uses it; members of a group all work. */
async function holdsLane(
  pool: pg.Pool,
  { INSTANCE_ID, NAIVE_LISTENER }: NaiveListenerSettings,
): Promise<boolean> {
  const { rowCount } = await pool.query(HOLD_SQL, [INSTANCE_ID, NAIVE_LISTENER === 'share_group']);
  return rowCount === 1;
}

const HOLD_SQL = `
  INSERT INTO listener_lanes AS l (lane, holder, lease_until, held_since, acks_stored_at, telemetry_stored_at)
  VALUES (0, $1, clock_timestamp() + interval '4 s', clock_timestamp(), clock_timestamp(), clock_timestamp())
  ON CONFLICT (lane_count, lane) DO UPDATE SET holder = $1, lease_until = excluded.lease_until,
    held_since = CASE WHEN l.holder = $1 THEN l.held_since ELSE excluded.held_since END,
    acks_stored_at = excluded.acks_stored_at, telemetry_stored_at = excluded.telemetry_stored_at
  WHERE $2 OR l.holder IS NULL OR l.holder = $1 OR l.lease_until < clock_timestamp()`;

function reportOf(ready: boolean): ServiceReport {
  return { ready, mqtt: { connected: ready, since: null }, loops: [] };
}
