import {
  aliveStatusListSchema,
  clientCountsSchema,
  clientDetailSchema,
  clientFilterSchema,
  clientGroupsSchema,
  clientListQuerySchema,
  clientPageSchema,
  clientPathSchema,
  crashedClientPageSchema,
  healthHistorySchema,
  healthQuerySchema,
  pageQuerySchema,
} from '@infoscreen/shared-types';
import { defineRoute, JsonText, type Route } from '../http/define-route.ts';
import { invalidRequest, ProblemError } from '../http/problem-error.ts';
import { queryTime } from '../http/query-time.ts';
import { aliveStatusJson } from './alive-status.ts';
import { type ClientDetailDeps, createClientDetails } from './client-detail.ts';
import { countClients, listGroups } from './count-clients.ts';
import { readHealthHistory } from './health-history.ts';
import { type ClientReadDeps, clientExists, listClients, listCrashedClients } from './read-clients.ts';

const tag = 'clients';
const DEFAULT_HEALTH_RANGE_MS = 24 * 3600 * 1000;

/** Reads of clients. */
export function clientRoutes(deps: ClientDetailDeps): Route[] {
  return [
    listRoute(deps),
    countsRoute(deps),
    groupsRoute(deps),
    detailRoute(deps),
    aliveRoute(deps),
    crashedRoute(deps),
    healthRoute(deps),
  ];
}

function listRoute(deps: ClientReadDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/clients',
    operationId: 'listClients',
    summary: 'Clients, by name unless told otherwise',
    tag,
    role: 'viewer',
    isSameForAll: true,
    request: { query: clientListQuerySchema },
    responses: { 200: clientPageSchema },
    problems: [],
    handler: async ({ query }) => ({ status: 200, body: await listClients(deps, query) }),
  });
}

function countsRoute(deps: ClientReadDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/clients/counts',
    operationId: 'countClients',
    summary: 'How many clients there are, in all and by status',
    tag,
    role: 'viewer',
    isSameForAll: true,
    request: { query: clientFilterSchema },
    responses: { 200: clientCountsSchema },
    problems: [],
    handler: async ({ query }) => ({ status: 200, body: await countClients(deps, query) }),
  });
}

function groupsRoute({ pool }: ClientReadDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/clients/groups',
    operationId: 'listClientGroups',
    summary: 'Groups that clients are in, by name',
    tag,
    role: 'viewer',
    isSameForAll: true,
    request: {},
    responses: { 200: clientGroupsSchema },
    problems: [],
    handler: async () => ({ status: 200, body: await listGroups(pool) }),
  });
}

function detailRoute(deps: ClientDetailDeps): Route {
  const readDetail = createClientDetails(deps);
  return defineRoute({
    method: 'get',
    path: '/api/clients/{uuid}',
    operationId: 'readClient',
    summary: 'One client with its latest health, commands and boots, and what the lockout leaves of it',
    tag,
    role: 'viewer',
    isSameForAll: true,
    request: { params: clientPathSchema },
    responses: { 200: clientDetailSchema },
    problems: ['client_not_found'],
    handler: async ({ params }) => {
      const json = await readDetail(params.uuid);
      if (json === null) throw new ProblemError('client_not_found');
      return { status: 200, body: new JsonText(json) };
    },
  });
}

function aliveRoute(deps: ClientReadDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/clients/with_alive_status',
    operationId: 'listAliveStatus',
    summary: 'Every client and whether it is alive, as a plain array',
    tag,
    role: 'viewer',
    isSameForAll: true,
    request: {},
    responses: { 200: aliveStatusListSchema },
    problems: [],
    handler: async () => ({ status: 200, body: new JsonText(await aliveStatusJson(deps)) }),
  });
}

function crashedRoute(deps: ClientReadDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/clients/crashed',
    operationId: 'listCrashedClients',
    summary: 'Clients whose process crashed or whose heartbeat is stale',
    tag,
    role: 'viewer',
    isSameForAll: true,
    request: { query: pageQuerySchema },
    responses: { 200: crashedClientPageSchema },
    problems: [],
    handler: async ({ query }) => ({ status: 200, body: await listCrashedClients(deps, query) }),
  });
}

function healthRoute(deps: ClientReadDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/clients/{uuid}/health',
    operationId: 'readHealthHistory',
    summary:
      'Health samples from `from` until before `to` (the last day unless told otherwise), at most 1,000',
    tag,
    role: 'viewer',
    isSameForAll: true,
    request: { params: clientPathSchema, query: healthQuerySchema },
    responses: { 200: healthHistorySchema },
    problems: ['client_not_found'],
    handler: async ({ params: { uuid }, query }) => {
      const to = query.to === undefined ? new Date(Date.now() + 1000) : queryTime(query.to);
      const from =
        query.from === undefined ? new Date(to.getTime() - DEFAULT_HEALTH_RANGE_MS) : queryTime(query.from);
      if (from >= to) throw invalidRequest({ in: 'query', path: 'from', message: 'must be before to' });
      if (!(await clientExists(deps.pool, uuid))) throw new ProblemError('client_not_found');
      const items = await readHealthHistory(deps.pool, { clientUuid: uuid, from, to });
      return { status: 200, body: { items, nextCursor: null } };
    },
  });
}
