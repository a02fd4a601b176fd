import type { Database } from '@infoscreen/prisma';
import {
  clearServiceFailedAnswerSchema,
  clearServiceFailedBodySchema,
  clientPathSchema,
  pageQuerySchema,
  serviceFailurePageSchema,
} from '@infoscreen/shared-types';
import { defineRoute, type Route } from '../http/define-route.ts';
import { ProblemError } from '../http/problem-error.ts';
import { clearFailures, listFailuresOfClient, listOpenFailures } from './service-failures.ts';

const tag = 'clients';

export function serviceFailureRoutes({ pool }: Pick<Database, 'pool'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/clients/service_failed',
      operationId: 'listServiceFailures',
      summary: 'Open failures of services on screens, newest first',
      tag,
      role: 'viewer',
      isSameForAll: true,
      request: { query: pageQuerySchema },
      responses: { 200: serviceFailurePageSchema },
      problems: [],
      handler: async ({ query }) => ({ status: 200, body: await listOpenFailures(pool, query) }),
    }),
    defineRoute({
      method: 'get',
      path: '/api/clients/{uuid}/service_failures',
      operationId: 'listFailuresOfClient',
      summary: 'Failures of a client, open and cleared, newest first; also those of a deleted one',
      tag,
      role: 'viewer',
      request: { params: clientPathSchema, query: pageQuerySchema },
      responses: { 200: serviceFailurePageSchema },
      problems: ['client_not_found'],
      handler: async ({ params: { uuid }, query }) => {
        const { rows } = await pool.query('SELECT FROM clients WHERE uuid = $1', [uuid]);
        if (rows.length === 0) throw new ProblemError('client_not_found');
        return { status: 200, body: await listFailuresOfClient(pool, uuid, query) };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/clients/{uuid}/clear_service_failed',
      operationId: 'clearServiceFailed',
      summary: 'Acknowledge the open failures of a client, or those of one unit',
      tag,
      role: 'admin',
      request: { params: clientPathSchema, body: clearServiceFailedBodySchema },
      responses: { 200: clearServiceFailedAnswerSchema },
      problems: ['client_not_found', 'no_open_failure'],
      handler: async ({ params, body, context }) => {
        const { unit, comment } = body;
        const clearedBy = context.user.username;
        const result = await clearFailures(pool, { clientUuid: params.uuid, unit, comment, clearedBy });
        if (result.outcome !== 'cleared') throw new ProblemError(result.outcome);
        const units = result.failures.map((failure) => failure.unit);
        const detail = { units, ...(comment === undefined ? {} : { comment }) };
        return { status: 200, body: { cleared: result.failures }, audit: { detail } };
      },
    }),
  ];
}
