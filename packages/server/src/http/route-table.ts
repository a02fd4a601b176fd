import { apiTokenRoutes } from '../api-tokens/api-token-routes.ts';
import { auditRoutes } from '../audit/audit-routes.ts';
import { authRoutes } from '../auth/auth-routes.ts';
import { sessionRoutes } from '../auth/session-routes.ts';
import { clientChangeRoutes } from '../clients/client-change-routes.ts';
import { clientRoutes } from '../clients/client-routes.ts';
import { serviceFailureRoutes } from '../clients/service-failure-routes.ts';
import { commandRoutes } from '../commands/command-routes.ts';
import { enrolmentRoutes } from '../enrolment/enrolment-routes.ts';
import { eventRoutes } from '../events/event-routes.ts';
import { monitoringRoutes } from '../monitoring/monitoring-routes.ts';
import { userRoutes } from '../users/user-routes.ts';
import type { Route } from './define-route.ts';

type DepsOf<Make extends (deps: never) => Route[]> = Parameters<Make>[0];
export type RouteDeps = DepsOf<typeof authRoutes> &
  DepsOf<typeof sessionRoutes> &
  DepsOf<typeof apiTokenRoutes> &
  DepsOf<typeof clientRoutes> &
  DepsOf<typeof clientChangeRoutes> &
  DepsOf<typeof enrolmentRoutes> &
  DepsOf<typeof serviceFailureRoutes> &
  DepsOf<typeof commandRoutes> &
  DepsOf<typeof monitoringRoutes> &
  DepsOf<typeof eventRoutes> &
  DepsOf<typeof userRoutes> &
  DepsOf<typeof auditRoutes>;

/** Every route of the API: what is not in here does not exist. */
export function routeTable(deps: RouteDeps): readonly Route[] {
  return [
    ...authRoutes(deps),
    ...sessionRoutes(deps),
    ...apiTokenRoutes(deps),
    ...clientRoutes(deps),
    ...clientChangeRoutes(deps),
    ...enrolmentRoutes(deps),
    ...serviceFailureRoutes(deps),
    ...commandRoutes(deps),
    ...monitoringRoutes(deps),
    ...eventRoutes(deps),
    ...userRoutes(deps),
    ...auditRoutes(deps),
  ];
}
