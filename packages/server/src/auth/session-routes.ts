import type { Database } from '@infoscreen/prisma';
import {
  pageQuerySchema,
  revokedSessionsSchema,
  sessionPageSchema,
  sessionPathSchema,
} from '@infoscreen/shared-types';
import { defineRoute, type Route } from '../http/define-route.ts';
import { ProblemError } from '../http/problem-error.ts';
import { endOtherSessions, endOwnSession, listOwnSessions } from './own-sessions.ts';

export interface SessionRouteDeps extends Pick<Database, 'pool'> {
  readonly session: { readonly absoluteSeconds: number };
}

/** One's own sessions: nobody sees or ends those of somebody else, but by disabling the user or a reset. */
export function sessionRoutes(deps: SessionRouteDeps): Route[] {
  return [listRoute(deps), revokeRoute(deps), revokeOthersRoute(deps)];
}

const tag = 'auth';

function listRoute({ pool, session }: SessionRouteDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/auth/sessions',
    operationId: 'listOwnSessions',
    summary: 'Where one is logged in, newest first',
    tag,
    role: 'viewer',
    sessionOnly: true,
    request: { query: pageQuerySchema },
    responses: { 200: sessionPageSchema },
    problems: [],
    handler: async ({ query, context: { user, session: own } }) => {
      const { absoluteSeconds } = session;
      const asker = { userId: user.id, sid: own.sid, absoluteSeconds };
      return { status: 200, body: await listOwnSessions(pool, asker, query) };
    },
  });
}

function revokeRoute({ pool }: SessionRouteDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/api/auth/sessions/{id}',
    operationId: 'revokeOwnSession',
    summary: 'End one of the own sessions at once; ending the present one is a log-out',
    tag,
    role: 'viewer',
    sessionOnly: true,
    request: { params: sessionPathSchema },
    responses: { 204: null },
    problems: ['session_not_found'],
    handler: async ({ params: { id }, context: { user, session } }) => {
      const ended = await endOwnSession(pool, { id, userId: user.id });
      if (ended === null) throw new ProblemError('session_not_found');
      if (ended === session.sid) await session.end();
      return { status: 204, body: undefined };
    },
  });
}

function revokeOthersRoute({ pool }: SessionRouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/auth/sessions/revoke_others',
    operationId: 'revokeOtherSessions',
    summary: 'End all of the own sessions but the present one',
    tag,
    role: 'viewer',
    sessionOnly: true,
    request: {},
    responses: { 200: revokedSessionsSchema },
    problems: [],
    handler: async ({ context: { user, session } }) => {
      const revoked = await endOtherSessions(pool, { userId: user.id, sid: session.sid });
      return {
        status: 200,
        body: { revoked },
        audit: { target: user.username, detail: { revoked } },
      };
    },
  });
}
