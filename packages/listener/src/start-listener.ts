import { readFileSync } from 'node:fs';
import { createDatabase } from '@infoscreen/prisma';
import {
  checkSchema,
  createDatabaseWatch,
  createInstanceReporter,
  createLoop,
  createMetrics,
  createOpsServer,
  type Logger,
  type LoopStatus,
  settledWithin,
} from '@infoscreen/service-kit';
import type { ServiceReport } from '@infoscreen/shared-types';
import type pg from 'pg';
import { createCanarySender } from './canary/canary-sender.ts';
import type { ListenerSettings } from './env.ts';
import { brokerOf, createIntakeDeps } from './intake/create-intake-deps.ts';
import { WorkLimit } from './intake/work-limit.ts';
import { emptyRetiredLane } from './lanes/empty-retired-lane.ts';
import { LaneKeeper } from './lanes/lane-keeper.ts';
import { createLaneLeases, type LaneLease } from './lanes/lane-leases.ts';
import { type LanePart, partsOf } from './lanes/lane-parts.ts';
import { openLaneStream } from './lanes/open-lane-stream.ts';
import { TelemetryStream } from './telemetry/telemetry-stream.ts';

/** Connections of the pool that messages leave for leases, the batches of telemetry and identity, the report and the watch. */
const RESERVED_CONNECTIONS = 5;
const MAX_CONCURRENT_MESSAGES = 8;
/** Of those, for what telemetry reports besides; it begins only while no message of a lane waits. */
const MAX_CONCURRENT_REPORTS = 2;
/** What isn't stored by then was not acknowledged, and stays with the broker. */
const LANES_STOP_MS = 4500;
const TELEMETRY_STOP_MS = 2500;
const RATES_SWEEP_MS = 5000;

export interface ListenerOptions {
  readonly settings: ListenerSettings;
  readonly logger: Logger;
  /** Aborted when the process is asked to stop. */
  readonly stopping?: AbortSignal;
}

export interface RunningListener {
  /** Of `/healthz`, `/readyz` and `/metrics`. */
  readonly opsPort: number;
  /** Lanes that this replica holds now. */
  lanes(): readonly number[];
  stop(): Promise<void>;
}

/** Starts one replica. @throws StartRefusedError when the schema or the port isn't right */
export async function startListener({
  settings,
  logger,
  stopping,
}: ListenerOptions): Promise<RunningListener> {
  const instance = settings.INSTANCE_ID;
  const database = createDatabase({
    url: settings.DATABASE_URL,
    applicationName: `infoscreen-listener ${instance}`.slice(0, 63),
    poolSize: settings.DATABASE_POOL_SIZE,
    onConnectionError: (error) => logger.debug('idle database connection lost', { error }),
  });
  try {
    await checkSchema(database.pool, { logger, ...(stopping === undefined ? {} : { signal: stopping }) });
    const parts = createParts(settings, database.pool, logger);
    const ops = createOpsServer({
      host: settings.OPS_HOST,
      port: settings.OPS_PORT,
      readiness: () => readiness(parts),
      metrics: parts.metrics,
      logger,
      ...(stopping === undefined ? {} : { stopping }),
    });
    await ops.start();
    parts.start();
    let stopped: Promise<void> | undefined;
    return {
      opsPort: ops.port,
      lanes: () => parts.keeper.leases.map(({ lane }) => lane).sort((a, b) => a - b),
      stop: () => {
        stopped ??= (async () => {
          await parts.stop();
          await ops.stop();
          await database.close();
        })();
        return stopped;
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

type Parts = ReturnType<typeof createParts>;

function createParts(settings: ListenerSettings, pool: pg.Pool, logger: Logger) {
  const instance = settings.INSTANCE_ID;
  const laneCount = settings.LISTENER_LANES;
  const metrics = createMetrics({ service: 'listener', instance });
  const broker = brokerOf(settings);
  const intake = createIntakeDeps(settings, pool, logger, metrics);
  const watch = createDatabaseWatch({ pool, logger, metrics });
  const limit = new WorkLimit(
    Math.max(1, Math.min(MAX_CONCURRENT_MESSAGES, settings.DATABASE_POOL_SIZE - RESERVED_CONNECTIONS)),
    MAX_CONCURRENT_REPORTS,
  );
  const leases = () => keeper.leases;
  const retiredLeases = () => keeper.retiredLeases;
  /** The lease under which the identity session of each set has subscribed last. */
  const identityEpochs = new Map<number, string>();
  const hearsIdentity = (lease: LaneLease) =>
    partsOf(lease).includes('identity') && identityEpochs.get(lease.laneCount) === lease.epoch;
  const canary = createCanarySender({
    broker,
    instance,
    leases,
    retiredLeases,
    hearsIdentity,
    logger,
    metrics,
  });
  const common = {
    broker,
    intake,
    limit,
    instance,
    onConnected: (lease: LaneLease, part: LanePart) => {
      if (part === 'identity') identityEpochs.set(lease.laneCount, lease.epoch);
      canary.wake();
    },
  };
  const telemetry = new TelemetryStream({ ...common, laneCount, leases, onConnected: () => canary.wake() });
  const keeper = new LaneKeeper({
    leases: createLaneLeases(pool, instance, laneCount),
    instance,
    laneCount,
    openStream: (lease) => openLaneStream(lease, common),
    emptyRetired: (lease, onEmptied) => emptyRetiredLane(lease, common, onEmptied),
    onLost: () => void telemetry.forgetBacklog(),
    logger,
    metrics,
  });
  metrics.gauge('infoscreen_lanes_held', 'Lanes that this replica holds.', [], (gauge) =>
    gauge.set(keeper.leases.length),
  );
  const rates = createLoop({
    name: 'client_rates',
    intervalMs: RATES_SWEEP_MS,
    runOnce: async () => intake.rates.sweep(),
    logger,
    metrics,
  });
  const report = () => ({
    ...serviceReport({ laneCount, telemetry, loops: [keeper.status(), canary.status()] }),
    rate_limited_clients: [...intake.rates.limitedClients],
  });
  const reporter = createInstanceReporter({
    pool,
    service: 'listener',
    instance,
    version: packageVersion(),
    report,
    logger,
  });
  return {
    metrics,
    keeper,
    telemetry,
    watch,
    start: () => {
      watch.start();
      reporter.start();
      telemetry.start();
      canary.start();
      keeper.start();
      rates.start();
    },
    /** Lanes first: another replica may take them at once. */
    stop: async () => {
      await settledWithin(LANES_STOP_MS, Promise.all([canary.stop(), keeper.stop(), rates.stop()]));
      await settledWithin(TELEMETRY_STOP_MS, telemetry.stop());
      await settledWithin(1000, watch.stop());
      await reporter.stop();
    },
  };
}

async function readiness({ telemetry, keeper, watch }: Parts) {
  const asked = watch.ask((db) => db.query('SELECT 1'));
  const isDatabaseUp = await asked.then(
    () => true,
    () => false,
  );
  const isBrokerUp = telemetry.connection.connected;
  return {
    ready: isDatabaseUp && isBrokerUp,
    details: {
      database: isDatabaseUp ? 'up' : 'down',
      mqtt: isBrokerUp ? 'connected' : 'disconnected',
      lanes: keeper.leases.map(({ lane }) => lane).sort((a, b) => a - b),
    },
  };
}

function serviceReport(parts: {
  readonly laneCount: number;
  readonly telemetry: TelemetryStream;
  readonly loops: readonly LoopStatus[];
}): ServiceReport {
  const { connected, since } = parts.telemetry.connection;
  return {
    ready: connected && parts.loops.every(({ healthy }) => healthy),
    lane_count: parts.laneCount,
    mqtt: { connected, since: since?.toISOString() ?? null },
    loops: parts.loops.map(({ name, lastSuccessAt, healthy, lastError }) => ({
      name,
      last_success_at: lastSuccessAt?.toISOString() ?? null,
      healthy,
      last_error: lastError,
    })),
  };
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
