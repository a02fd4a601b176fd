import type { Database } from '@infoscreen/prisma';
import { auditPageSchema, auditQuerySchema } from '@infoscreen/shared-types';
import { defineRoute, type Route } from '../http/define-route.ts';
import { listAudit } from './list-audit.ts';

export function auditRoutes(deps: Pick<Database, 'prisma'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/audit',
      operationId: 'listAudit',
      summary: 'Every write and every refusal, newest first',
      tag: 'audit',
      role: 'superadmin',
      request: { query: auditQuerySchema },
      responses: { 200: auditPageSchema },
      problems: [],
      handler: async ({ query }) => ({ status: 200, body: await listAudit(deps, query) }),
    }),
  ];
}
