import type { CommandBroker, LifecycleSettings } from '@infoscreen/commands';
import type { Database } from '@infoscreen/prisma';
import type { DatabaseWatch, Logger, Metrics } from '@infoscreen/service-kit';
import express, { type Express } from 'express';
import { docsPages } from './api-docs/docs-pages.ts';
import { openApiDocument } from './api-docs/openapi-document.ts';
import { findTokenUser } from './api-tokens/token-user.ts';
import { createLoginLimits, type LoginLimitSettings } from './auth/login-limits.ts';
import type { PasswordHasher } from './auth/password-hash.ts';
import { findSessionUser } from './auth/session-user.ts';
import type { AccountApplier } from './broker-accounts/account-admin.ts';
import type { SecretSeal } from './broker-accounts/secret-seal.ts';
import { dashboardFiles, dashboardFolder } from './dashboard/dashboard-files.ts';
import { createEnrolmentLimit } from './enrolment/enrolment-limit.ts';
import type { EventStreams } from './events/event-streams.ts';
import { compressedAnswers } from './http/compressed-answers.ts';
import { crossOriginAccess } from './http/cross-origin.ts';
import type { Route } from './http/define-route.ts';
import { errorHandler } from './http/error-handler.ts';
import { createHttpMetrics } from './http/http-metrics.ts';
import { mountRoutes } from './http/mount-routes.ts';
import { ProblemError } from './http/problem-error.ts';
import type { ReadAnswer } from './http/read-answer.ts';
import { requestContext } from './http/request-middleware.ts';
import { type RouteDeps, routeTable } from './http/route-table.ts';
import { securityHeaders } from './http/security-headers.ts';
import { type SessionSettings, type StoredLogin, sessions } from './http/sessions.ts';
import { createSharedRuns } from './http/shared-runs.ts';
import { operations } from './monitoring/operations.ts';
import { SERVER_VERSION } from './server-version.ts';

export interface AppSettings {
  readonly session: SessionSettings;
  readonly loginLimits: LoginLimitSettings;
  readonly lifecycle: LifecycleSettings;
  /** HEARTBEAT_GRACE_SECONDS. */
  readonly graceSeconds: number;
  /** Express's `trust proxy`: whose X-Forwarded headers count. */
  readonly trustProxy: boolean | number | string;
  /** Origins of pages that may call the API with a token. */
  readonly corsOrigins: readonly string[];
}

export interface AppDeps {
  readonly database: Pick<Database, 'pool' | 'prisma'>;
  readonly watch: Pick<DatabaseWatch, 'ask'>;
  readonly broker: CommandBroker & { readonly since: Date | null };
  readonly accounts: AccountApplier;
  readonly eventStreams: EventStreams;
  readonly hasher: PasswordHasher;
  readonly seal: SecretSeal;
  readonly instance: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: AppSettings;
  /** Publishes that outlive their request. */
  readonly underWay: Set<Promise<unknown>>;
  readonly isStopping: () => boolean;
}

/** The whole HTTP side as one handler, with the routes of the API where no others are given. Opens nothing and starts nothing. */
export function createApp(deps: AppDeps, routes: readonly Route[] = appRoutes(deps)): Express {
  const { database, logger, metrics, settings, seal } = deps;
  const { pool } = database;
  const httpDeps = {
    pool,
    seal,
    logger,
    shareRead: createSharedRuns<ReadAnswer>(),
    loadSession: sessions({ pool }, settings.session, (error) =>
      logger.warn('session store failed', { error }),
    ),
    findSessionUser: (login: StoredLogin, sid: string) =>
      findSessionUser({ pool }, { login, sid }, settings.session),
    findTokenUser: (token: Parameters<typeof findTokenUser>[1]) => findTokenUser(pool, token),
  };
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.set('trust proxy', settings.trustProxy);
  app.use(requestContext(logger, createHttpMetrics(metrics)));
  app.use(securityHeaders());
  app.use(compressedAnswers());
  app.use('/api', crossOriginAccess(settings.corsOrigins));
  app.use(operations(deps));
  app.use(dashboardFiles(dashboardFolder()));
  app.use(docsPages(openApiDocument(routes, { version: SERVER_VERSION })));
  app.use(mountRoutes(routes, httpDeps));
  app.use(() => {
    throw new ProblemError('not_found');
  });
  app.use(errorHandler(httpDeps));
  return app;
}

/** The routes of `createApp`. */
export function appRoutes(deps: AppDeps): readonly Route[] {
  return routeTable(routeDeps(deps));
}

function routeDeps(deps: AppDeps): RouteDeps {
  const { database, settings, metrics } = deps;
  const issued = metrics.counter(
    'infoscreen_commands_total',
    'Commands that were asked for, by how the request ended.',
    ['action', 'outcome'],
  );
  return {
    ...deps,
    ...database,
    limits: createLoginLimits(database, settings.loginLimits),
    enrolmentLimit: createEnrolmentLimit(database),
    session: settings.session,
    settings: settings.lifecycle,
    graceSeconds: settings.graceSeconds,
    countIssued: (action, outcome) => issued.inc({ action, outcome }),
  };
}
