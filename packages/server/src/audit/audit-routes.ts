import type { Database } from '@infoscreen/prisma';
import { auditPageSchema, auditQuerySchema } from '@infoscreen/shared-types';
import { defineRoute, type Route } from '../http/define-route.ts';
import { EXPORT_MEDIA_TYPES, exportAudit } from './export-audit.ts';
import { listAudit } from './list-audit.ts';

export function auditRoutes(deps: Pick<Database, 'prisma'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/audit',
      operationId: 'listAudit',
      summary: 'Every write and every refusal, newest first: a page, or all of it as a file',
      tag: 'audit',
      role: 'superadmin',
      request: { query: auditQuerySchema },
      responses: { 200: auditPageSchema },
      streams: Object.values(EXPORT_MEDIA_TYPES),
      problems: [],
      handler: async ({ query }) => {
        const { format, ...wanted } = query;
        if (format === 'json') return { status: 200, body: await listAudit(deps, wanted) };
        const { limit: _limit, ...filters } = wanted;
        return {
          status: 200,
          body: exportAudit(deps, format, filters),
          audit: { action: 'exportAudit', detail: { format, ...filters } },
        };
      },
    }),
  ];
}
