import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { lifecycleSettingsOf } from '@infoscreen/commands';
import { createDatabase, type Database } from '@infoscreen/prisma';
import {
  brokerAddressOf,
  brokerLoginOf,
  checkSchema,
  createDatabaseWatch,
  createInstanceReporter,
  createLogger,
  createMetrics,
  createMqttConnection,
  type Logger,
  type LoopStatus,
  type Metrics,
  type MqttConnection,
  StartRefusedError,
  serviceLogins,
  settledWithin,
} from '@infoscreen/service-kit';
import { deviceTopic, type ServiceReport } from '@infoscreen/shared-types';
import { createPasswordHasher, type PasswordHasher } from './auth/password-hash.ts';
import { createAccountAdmin } from './broker-accounts/account-admin.ts';
import { createControlConnection } from './broker-accounts/control-channel.ts';
import { createSecretSeal } from './broker-accounts/secret-seal.ts';
import { type AppSettings, createApp } from './create-app.ts';
import type { ServerSettings } from './env.ts';
import { listenAt } from './events/change-listener.ts';
import { createEvents } from './events/create-events.ts';
import { createHttpServer, drain } from './http/create-http-server.ts';
import { SERVER_VERSION } from './server-version.ts';
import { ensureFirstSuperadmin, hasUsers } from './users/first-superadmin.ts';

/** For publishes that a request no longer waits for; another process takes over what isn't done by then. */
const PUBLISHES_STOP_MS = 1500;
const CONNECTIONS_STOP_MS = 1500;
const FIRST_PASS_WAIT_MS = 3000;

/** Starts the server. Resolves when it listens; the broker may still be away. */
export async function startServer(settings: ServerSettings, stopping: AbortSignal) {
  const instance = settings.INSTANCE_ID;
  const logger = createLogger({
    service: 'server',
    instance,
    level: settings.LOG_LEVEL,
    format: settings.LOG_FORMAT,
  });
  const metrics = createMetrics({ service: 'server', instance });
  const database = createDatabase({
    url: settings.DATABASE_URL,
    applicationName: `infoscreen-server ${instance}`,
    poolSize: settings.DATABASE_POOL_SIZE,
    onConnectionError: (error) => logger.debug('idle database connection lost', { error }),
  });
  await checkSchema(database.pool, { logger, signal: stopping });
  const hasher = createPasswordHasher({ cost: settings.PASSWORD_HASH_COST });
  await makeFirstSuperadmin(settings, { database, hasher, logger });

  const seal = createSecretSeal(settings.CREDENTIALS_KEY);
  const watch = createDatabaseWatch({ pool: database.pool, logger, metrics });
  const broker = connectBroker(settings, { logger, metrics });
  const { control, accounts } = administerAccounts(settings, { database, broker, seal, logger, metrics });
  const events = createEvents({
    pool: database.pool,
    broker,
    graceSeconds: settings.HEARTBEAT_GRACE_SECONDS,
    connectListener: listenAt(settings.DATABASE_URL, `infoscreen-server ${instance} listens`),
    logger,
    metrics,
  });
  const underWay = new Set<Promise<unknown>>();
  const isStopping = () => stopping.aborted;
  const app = createApp({
    database,
    watch,
    broker,
    accounts,
    eventStreams: events.streams,
    hasher,
    seal,
    instance,
    logger,
    metrics,
    underWay,
    isStopping,
    settings: appSettings(settings),
  });
  const http = createHttpServer(app);
  const reporter = createInstanceReporter({
    pool: database.pool,
    service: 'server',
    instance,
    version: SERVER_VERSION,
    report: () => serviceReport(broker, [accounts.loop.status(), ...events.statuses()], isStopping()),
    logger,
  });

  await listen(http, settings);
  control.start();
  accounts.loop.start();
  startWhenAccountIsWritten(broker, accounts.firstPass, stopping);
  watch.start();
  events.start();
  reporter.start();
  logger.info('listening', { host: settings.HOST, port: settings.PORT });
  return {
    logger,
    stop: async () => {
      // A stream never ends by itself: the requests under way are waited for without them.
      const eventsStopped = events.stop();
      await drain(http);
      await settledWithin(PUBLISHES_STOP_MS, Promise.allSettled(underWay));
      // The end of the control channel ends a run that waits for its answer.
      const closed = Promise.all([control.stop(), accounts.loop.stop(), broker.stop()]);
      await settledWithin(CONNECTIONS_STOP_MS, Promise.all([closed, watch.stop(), eventsStopped]));
      await reporter.stop();
      await database.close();
    },
  };
}

async function makeFirstSuperadmin(
  { ADMIN_USERNAME: username, ADMIN_PASSWORD: password }: ServerSettings,
  { database, hasher, logger }: { database: Database; hasher: PasswordHasher; logger: Logger },
): Promise<void> {
  if (password !== undefined) {
    const deps = { pool: database.pool, hasher };
    const outcome = await ensureFirstSuperadmin(deps, { username, password, mustChangePassword: false });
    if (outcome === 'created') logger.info('first superadmin made', { username });
  } else if (!(await hasUsers(database.pool))) {
    logger.warn(
      'there is no user yet: set ADMIN_PASSWORD and start again, or run node packages/server/dist/bootstrap-admin-main.js',
    );
  }
}

/** On a fresh broker the services' account comes with the first pass; another replica may be the one that makes it. */
function startWhenAccountIsWritten(
  broker: MqttConnection,
  firstPass: Promise<void>,
  stopping: AbortSignal,
): void {
  const longEnough = pause(FIRST_PASS_WAIT_MS, undefined, { ref: false });
  void Promise.race([firstPass, longEnough]).then(() => {
    if (!stopping.aborted) broker.start();
  });
}

function connectBroker(
  settings: ServerSettings,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): MqttConnection {
  return createMqttConnection({
    ...brokerAddressOf(settings),
    ...brokerLoginOf(settings, 'server'),
    clientId: `infoscreen-server-${settings.INSTANCE_ID}`,
    clean: true,
    metrics,
    name: 'commands',
    logger,
  });
}

function administerAccounts(
  settings: ServerSettings,
  {
    database,
    broker,
    ...deps
  }: Pick<Parameters<typeof createAccountAdmin>[0], 'seal' | 'logger'> & {
    database: Database;
    broker: MqttConnection;
    metrics: Metrics;
  },
) {
  const control = createControlConnection({
    ...brokerAddressOf(settings),
    username: settings.MQTT_ADMIN_USER,
    password: settings.MQTT_ADMIN_PASSWORD,
    instance: settings.INSTANCE_ID,
    logger: deps.logger,
    metrics: deps.metrics,
    onConnected: () => accounts.connected(),
  });
  const accounts = createAccountAdmin({
    ...deps,
    pool: database.pool,
    control,
    services: serviceLogins(settings),
    clearPresence: (uuid) => broker.publish(deviceTopic(uuid, 'presence'), '', { qos: 1, retain: true }),
  });
  return { control, accounts };
}

function appSettings(settings: ServerSettings): AppSettings {
  return {
    session: {
      secret: settings.SESSION_SECRET,
      cookieSecure: settings.COOKIE_SECURE === 'auto' ? 'auto' : settings.COOKIE_SECURE === 'true',
      idleSeconds: settings.SESSION_IDLE_SECONDS,
      absoluteSeconds: settings.SESSION_ABSOLUTE_SECONDS,
    },
    loginLimits: {
      perAccount: settings.LOGIN_ATTEMPTS_PER_ACCOUNT,
      perAddress: settings.LOGIN_ATTEMPTS_PER_ADDRESS,
      perAccountEverywhere: settings.LOGIN_ATTEMPTS_PER_ACCOUNT_EVERYWHERE,
      windowSeconds: settings.LOGIN_WINDOW_SECONDS,
    },
    lifecycle: lifecycleSettingsOf(settings),
    graceSeconds: settings.HEARTBEAT_GRACE_SECONDS,
    trustProxy: settings.TRUST_PROXY,
    corsOrigins: settings.CORS_ALLOWED_ORIGINS ?? [],
  };
}

function serviceReport(
  broker: MqttConnection,
  loops: readonly LoopStatus[],
  isStopping: boolean,
): ServiceReport {
  return {
    ready: !isStopping,
    mqtt: { connected: broker.connected, since: broker.since?.toISOString() ?? null },
    loops: loops.map(({ name, lastSuccessAt, healthy, lastError }) => ({
      name,
      last_success_at: lastSuccessAt?.toISOString() ?? null,
      healthy,
      last_error: lastError,
    })),
  };
}

function listen(http: Server, { HOST, PORT }: ServerSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new StartRefusedError(
          `Can't listen on HOST ${HOST}, PORT ${PORT} (${error.code}): choose another, or stop what uses it.`,
        ),
      ),
    );
    http.listen({ host: HOST, port: PORT }, resolve);
  });
}
