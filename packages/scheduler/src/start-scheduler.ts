import { lifecycleSettingsOf } from '@infoscreen/commands';
import { createDatabase } from '@infoscreen/prisma';
import {
  brokerAddressOf,
  brokerLoginOf,
  checkSchema,
  createDatabaseWatch,
  createInstanceReporter,
  createLogger,
  createMetrics,
  createMqttConnection,
  createOpsServer,
  type Loop,
  type MqttConnection,
  settledWithin,
} from '@infoscreen/service-kit';
import type { ServiceReport } from '@infoscreen/shared-types';
import type { SchedulerSettings } from './env.ts';
import { createSchedulerLoops, type LoopDeps } from './scheduler-loops.ts';

const VERSION = '0.1.0';
/** For the runs in flight, of which a publish waits longest; what isn't done by then, another scheduler takes over. */
const LOOPS_STOP_MS = 6500;

/** Starts the scheduler's loops. Resolves when they run; the broker may still be away. */
export async function startScheduler(settings: SchedulerSettings, stopping: AbortSignal) {
  const instance = settings.INSTANCE_ID;
  const logger = createLogger({
    service: 'scheduler',
    instance,
    level: settings.LOG_LEVEL,
    format: settings.LOG_FORMAT,
  });
  const metrics = createMetrics({ service: 'scheduler', instance });
  const database = createDatabase({
    url: settings.DATABASE_URL,
    applicationName: `infoscreen-scheduler ${instance}`,
    poolSize: settings.DATABASE_POOL_SIZE,
    onConnectionError: (error) => logger.debug('idle database connection lost', { error }),
  });
  await checkSchema(database.pool, { logger, signal: stopping });

  const broker = connectBroker(settings, { logger, metrics });
  const loops = createSchedulerLoops(
    loopDeps(settings, { pool: database.pool, broker, logger, metrics, instance }),
  );
  const watch = createDatabaseWatch({ pool: database.pool, logger, metrics });
  const isReady = async () => {
    const isDatabaseUp = await watch
      .ask((db) => db.query('SELECT 1'))
      .then(
        () => true,
        () => false,
      );
    return {
      ready: isDatabaseUp,
      details: {
        database: isDatabaseUp ? 'up' : 'down',
        broker: { connected: broker.connected },
        loops: loops.map((loop) => loop.status()),
      },
    };
  };
  const ops = createOpsServer({
    host: settings.OPS_HOST,
    port: settings.OPS_PORT,
    readiness: isReady,
    metrics,
    logger,
    stopping,
  });
  const reporter = createInstanceReporter({
    pool: database.pool,
    service: 'scheduler',
    instance,
    version: VERSION,
    report: () => serviceReport(broker, loops),
    logger,
  });

  await ops.start();
  broker.start();
  watch.start();
  reporter.start();
  for (const loop of loops) loop.start();
  return {
    logger,
    stop: async () => {
      await settledWithin(LOOPS_STOP_MS, Promise.all(loops.map((loop) => loop.stop())));
      await broker.stop();
      await settledWithin(1000, watch.stop());
      await reporter.stop();
      await ops.stop();
      await database.close();
    },
  };
}

function connectBroker(
  settings: SchedulerSettings,
  { logger, metrics }: Pick<LoopDeps, 'logger' | 'metrics'>,
): MqttConnection {
  return createMqttConnection({
    ...brokerAddressOf(settings),
    ...brokerLoginOf(settings, 'scheduler'),
    clientId: `infoscreen-scheduler-${settings.INSTANCE_ID}`,
    clean: true,
    metrics,
    name: 'commands',
    logger,
  });
}

function loopDeps(
  settings: SchedulerSettings,
  parts: Pick<LoopDeps, 'pool' | 'broker' | 'logger' | 'metrics' | 'instance'>,
): LoopDeps {
  return {
    ...parts,
    settings: lifecycleSettingsOf(settings),
    recovery: {
      enabled: settings.CRASH_RECOVERY_ENABLED,
      restarts: settings.CRASH_RECOVERY_RESTARTS,
      backoffSeconds: settings.CRASH_RECOVERY_BACKOFF_SECONDS,
      graceSeconds: settings.HEARTBEAT_GRACE_SECONDS,
      stormFraction: settings.STORM_FRACTION,
    },
    graceSeconds: settings.HEARTBEAT_GRACE_SECONDS,
    intervalMs: settings.SCHEDULER_INTERVAL_SECONDS * 1000,
  };
}

function serviceReport(broker: MqttConnection, loops: readonly Loop[]): ServiceReport {
  const statuses = loops.map((loop) => loop.status());
  return {
    ready: true,
    mqtt: { connected: broker.connected, since: broker.since?.toISOString() ?? null },
    loops: statuses.map(({ name, lastSuccessAt, healthy, lastError }) => ({
      name,
      last_success_at: lastSuccessAt?.toISOString() ?? null,
      healthy,
      last_error: lastError,
    })),
  };
}
