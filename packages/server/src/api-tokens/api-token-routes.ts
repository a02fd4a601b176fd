import type { Database } from '@infoscreen/prisma';
import {
  apiTokenPageSchema,
  apiTokenPathSchema,
  createApiTokenBodySchema,
  createdApiTokenSchema,
  hasRole,
  pageQuerySchema,
} from '@infoscreen/shared-types';
import { defineRoute, type Route } from '../http/define-route.ts';
import { ProblemError } from '../http/problem-error.ts';
import type { SessionUser } from '../http/request-context.ts';
import { createApiToken, listApiTokens, revokeApiToken } from './api-tokens.ts';

type ApiTokenRouteDeps = Pick<Database, 'pool'>;

const tag = 'tokens';

/** Credentials for programs. A token can't manage tokens: a lost one must not be able to make itself a successor. */
export function apiTokenRoutes(deps: ApiTokenRouteDeps): Route[] {
  return [createRoute(deps), listRoute(deps), revokeRoute(deps)];
}

/** A superadmin has to do with everybody's, others with their own. */
const reach = (user: SessionUser) => (user.role === 'superadmin' ? null : user.id);

function createRoute({ pool }: ApiTokenRouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/tokens',
    operationId: 'createApiToken',
    summary: 'Make a token for a program; it is shown this once',
    tag,
    role: 'viewer',
    sessionOnly: true,
    request: { body: createApiTokenBodySchema },
    responses: { 201: createdApiTokenSchema },
    problems: [],
    answerIsSecret: true,
    handler: async ({ body, context: { user, session } }) => {
      if (!hasRole(user.role, body.role))
        throw new ProblemError('forbidden', {
          detail: `Your own role is ${user.role}: a token has no higher one.`,
        });
      const made = await createApiToken(pool, { ...body, userId: user.id, sid: session.sid });
      if (made === null) throw new ProblemError('not_authenticated');
      return { status: 201, body: made, audit: { target: made.token.id, detail: { ...body } } };
    },
  });
}

function listRoute({ pool }: ApiTokenRouteDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/tokens',
    operationId: 'listApiTokens',
    summary: 'The own tokens, for a superadmin everybody’s, newest first; the secrets are never shown again',
    tag,
    role: 'viewer',
    sessionOnly: true,
    request: { query: pageQuerySchema },
    responses: { 200: apiTokenPageSchema },
    problems: [],
    handler: async ({ query, context: { user } }) => ({
      status: 200,
      body: await listApiTokens(pool, { ...query, ownerId: reach(user) }),
    }),
  });
}

function revokeRoute({ pool }: ApiTokenRouteDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/api/tokens/{id}',
    operationId: 'revokeApiToken',
    summary: 'Make a token worthless at once; a superadmin, anybody’s',
    tag,
    role: 'viewer',
    sessionOnly: true,
    request: { params: apiTokenPathSchema },
    responses: { 204: null },
    problems: ['api_token_not_found'],
    handler: async ({ params: { id }, context: { user } }) => {
      const name = await revokeApiToken(pool, { id, ownerId: reach(user), revokedBy: user.username });
      if (name === null) throw new ProblemError('api_token_not_found');
      return { status: 204, body: undefined, audit: { detail: { name } } };
    },
  });
}
