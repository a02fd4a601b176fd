import { readFileSync } from 'node:fs';
import { createDatabase } from '@infoscreen/prisma';
import {
  type AppDeps,
  createApp,
  createPasswordHasher,
  createSecretSeal,
  defineRoute,
  JsonText,
} from '@infoscreen/server';
import { createDatabaseWatch, createLogger, createMetrics } from '@infoscreen/service-kit';
import { z } from 'zod';
import type { PreparedServerOrder } from './prepared-server-order.ts';

// The limit of a read: the server's own way of a request, its session check included, to an answer that was made beforehand.
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as PreparedServerOrder;
const instance = 'prepared';
const logger = createLogger({ service: 'server', instance, level: 'warn', format: 'json' });
const metrics = createMetrics({ service: 'server', instance });
const database = createDatabase({
  url: order.databaseUrl,
  applicationName: 'prepared answers',
  poolSize: 10,
  onConnectionError: (error) => logger.warn('database connection lost', { error }),
});
const isNowhere = async () => {
  throw new Error('no route here does that');
};
const deps: AppDeps = {
  database,
  watch: createDatabaseWatch({ pool: database.pool, logger, metrics }),
  broker: { connected: true, since: new Date(), publish: isNowhere },
  accounts: { applySoon: isNowhere },
  eventStreams: { open: isNowhere, endAll: () => {} },
  hasher: createPasswordHasher({ cost: 4 }),
  seal: createSecretSeal(order.sessionSecret),
  instance,
  logger,
  metrics,
  underWay: new Set(),
  isStopping: () => false,
  settings: {
    session: {
      secret: order.sessionSecret,
      cookieSecure: false,
      idleSeconds: 3600,
      absoluteSeconds: 7200,
    },
    loginLimits: { perAccount: 10, perAddress: 50, perAccountEverywhere: 100, windowSeconds: 900 },
    lifecycle: {
      commandTtlSeconds: 240,
      resultTimeoutSeconds: 300,
      lockoutMaxCommands: 3,
      lockoutWindowSeconds: 900,
      legacyTopics: true,
    },
    graceSeconds: 180,
    trustProxy: false,
    corsOrigins: [],
  },
};
const routes = Object.entries(order.bodies).map(([path, text], index) =>
  defineRoute({
    method: 'get',
    path,
    operationId: `readPrepared${index}`,
    summary: 'An answer that was made beforehand',
    tag: 'prepared',
    role: 'viewer',
    request: {},
    responses: { 200: z.unknown() },
    problems: [],
    handler: async () => ({ status: 200, body: new JsonText(text) }),
  }),
);
createApp(deps, routes).listen(order.port, '127.0.0.1', () => console.log(JSON.stringify({ ready: true })));
process.once('SIGTERM', () => process.exit(0));
