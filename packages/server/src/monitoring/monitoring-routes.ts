import { monitoringOverviewSchema, monitoringSystemSchema } from '@infoscreen/shared-types';
import type { ClientReadDeps } from '../clients/read-clients.ts';
import { defineRoute, JsonText, type Route } from '../http/define-route.ts';
import { overviewJson } from './overview.ts';
import { readSystem, type SystemDeps } from './system.ts';

const tag = 'monitoring';

export function monitoringRoutes(deps: ClientReadDeps & SystemDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/monitoring/overview',
      operationId: 'readOverview',
      summary: 'Totals, and every client in short',
      tag,
      role: 'viewer',
      isSameForAll: true,
      request: {},
      responses: { 200: monitoringOverviewSchema },
      problems: [],
      handler: async () => ({ status: 200, body: new JsonText(await overviewJson(deps)) }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/monitoring/system',
      operationId: 'readSystem',
      summary: 'Every replica of every service, the broker, the database and the ingest',
      tag,
      role: 'viewer',
      request: {},
      responses: { 200: monitoringSystemSchema },
      problems: [],
      handler: async () => ({ status: 200, body: await readSystem(deps) }),
    }),
  ];
}
