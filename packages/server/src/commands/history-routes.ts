import { type CommandListQuery, commandView, listCommands } from '@infoscreen/commands';
import type { Queryable } from '@infoscreen/prisma';
import {
  clientPathSchema,
  commandListQuerySchema,
  commandPageSchema,
  fleetCommandPageSchema,
  fleetCommandQuerySchema,
} from '@infoscreen/shared-types';
import type { z } from 'zod';
import { CSV_MEDIA_TYPE } from '../http/csv-text.ts';
import { defineRoute, type Route } from '../http/define-route.ts';
import { invalidRequest, ProblemError } from '../http/problem-error.ts';
import { queryTime } from '../http/query-time.ts';
import { EXPORT_PAGE_SIZE, exportCommands, fleetCommandView } from './export-commands.ts';

const tag = 'commands';

/** What was asked of one client, and of the fleet. */
export function historyRoutes({ pool }: { readonly pool: Queryable }): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/clients/{uuid}/commands',
      operationId: 'listClientCommands',
      summary: 'Commands of a client, newest first; also those of a deleted one',
      tag,
      role: 'viewer',
      request: { params: clientPathSchema, query: commandListQuerySchema },
      responses: { 200: commandPageSchema },
      problems: ['client_not_found'],
      handler: async ({ params: { uuid }, query: { status, ...query } }) => {
        const { rows } = await pool.query('SELECT FROM clients WHERE uuid = $1', [uuid]);
        if (rows.length === 0) throw new ProblemError('client_not_found');
        const statuses = status === undefined ? undefined : [status];
        const { items, nextCursor } = await readPage(pool, { ...query, statuses, clientUuid: uuid });
        return { status: 200, body: { items: items.map(commandView), nextCursor } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/commands',
      operationId: 'listCommands',
      summary:
        'Commands of the fleet, newest first, also those of deleted clients: a page, or all of it as CSV',
      tag,
      role: 'viewer',
      request: { query: fleetCommandQuerySchema },
      responses: { 200: fleetCommandPageSchema },
      streams: [CSV_MEDIA_TYPE],
      problems: [],
      handler: async ({ query: { format, ...query } }) => {
        const wanted = fleetQuery(query);
        const first = await readPage(
          pool,
          format === 'csv' ? { ...wanted, limit: EXPORT_PAGE_SIZE } : wanted,
        );
        if (format === 'csv') return { status: 200, body: exportCommands(pool, wanted, first) };
        return {
          status: 200,
          body: { items: first.items.map(fleetCommandView), nextCursor: first.nextCursor },
        };
      },
    }),
  ];
}

function fleetQuery(query: Omit<z.output<typeof fleetCommandQuerySchema>, 'format'>): CommandListQuery {
  return {
    clientUuid: query.client_uuid,
    statuses: query.status,
    action: query.action,
    requestedBy: query.requested_by,
    group: query.group,
    from: query.from === undefined ? undefined : queryTime(query.from),
    to: query.to === undefined ? undefined : queryTime(query.to),
    limit: query.limit,
    cursor: query.cursor,
  };
}

/** @throws ProblemError `invalid_request` for a cursor that no page returned */
async function readPage(pool: Queryable, query: CommandListQuery) {
  const page = await listCommands(pool, query);
  if (page.outcome === 'page') return page;
  throw invalidRequest({ in: 'query', path: 'cursor', message: 'must be a cursor that a page returned' });
}
