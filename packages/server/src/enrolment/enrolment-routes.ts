import {
  createdEnrolmentTokenSchema,
  createEnrolmentTokenBodySchema,
  enrolBodySchema,
  enrolledSchema,
  enrolmentTokenPageSchema,
  enrolmentTokenPathSchema,
  pageQuerySchema,
} from '@infoscreen/shared-types';
import type { AccountApplier } from '../broker-accounts/account-admin.ts';
import { defineRoute, type Route } from '../http/define-route.ts';
import { ProblemError } from '../http/problem-error.ts';
import { type EnrolDeps, enrolScreen } from './enrol-screen.ts';
import type { EnrolmentLimit } from './enrolment-limit.ts';
import { createEnrolmentToken, listEnrolmentTokens, revokeEnrolmentToken } from './enrolment-tokens.ts';

export interface EnrolmentRouteDeps extends EnrolDeps {
  readonly accounts: AccountApplier;
  readonly enrolmentLimit: EnrolmentLimit;
}

const tag = 'enrolment';

/** Tokens with which screens get their own accounts, and the one call that takes them. */
export function enrolmentRoutes(deps: EnrolmentRouteDeps): Route[] {
  return [createRoute(deps), listRoute(deps), revokeRoute(deps), enrolRoute(deps)];
}

function createRoute({ pool }: EnrolmentRouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/enrolment_tokens',
    operationId: 'createEnrolmentToken',
    summary: 'Make a token with which screens get their own accounts; it is shown this once',
    tag,
    role: 'admin',
    request: { body: createEnrolmentTokenBodySchema },
    responses: { 201: createdEnrolmentTokenSchema },
    problems: [],
    answerIsSecret: true,
    handler: async ({ body, context }) => {
      const { enrolmentToken, token } = await createEnrolmentToken(pool, {
        ...body,
        createdBy: context.user.username,
      });
      return {
        status: 201,
        body: { enrolment_token: enrolmentToken, token },
        audit: { target: enrolmentToken.id, detail: { ...body } },
      };
    },
  });
}

function listRoute({ pool }: EnrolmentRouteDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/enrolment_tokens',
    operationId: 'listEnrolmentTokens',
    summary: 'Enrolment tokens, newest first; the tokens themselves are never shown again',
    tag,
    role: 'admin',
    request: { query: pageQuerySchema },
    responses: { 200: enrolmentTokenPageSchema },
    problems: [],
    handler: async ({ query }) => ({ status: 200, body: await listEnrolmentTokens(pool, query) }),
  });
}

function revokeRoute({ pool }: EnrolmentRouteDeps): Route {
  return defineRoute({
    method: 'delete',
    path: '/api/enrolment_tokens/{id}',
    operationId: 'revokeEnrolmentToken',
    summary: 'Make an enrolment token worthless at once; screens that came with it stay',
    tag,
    role: 'admin',
    request: { params: enrolmentTokenPathSchema },
    responses: { 204: null },
    problems: ['enrolment_token_not_found'],
    handler: async ({ params: { id }, context }) => {
      const isKnown = await revokeEnrolmentToken(pool, { id, revokedBy: context.user.username });
      if (!isKnown) throw new ProblemError('enrolment_token_not_found');
      return { status: 204, body: undefined };
    },
  });
}

function enrolRoute(deps: EnrolmentRouteDeps): Route {
  const { accounts, enrolmentLimit } = deps;
  return defineRoute({
    method: 'post',
    path: '/api/enroll',
    operationId: 'enrolScreen',
    summary:
      'A screen with an enrolment token becomes a client, and is shown its own broker account this once',
    tag,
    role: 'public',
    request: { body: enrolBodySchema },
    responses: { 201: enrolledSchema },
    problems: ['invalid_enrolment_token', 'client_exists', 'client_deleted', 'too_many_attempts'],
    answerIsSecret: true,
    handler: async ({ body, context }) => {
      await enrolmentLimit.count(context.ip);
      const result = await enrolScreen(deps, body);
      if (result.outcome !== 'enrolled') throw new ProblemError(result.outcome);
      await enrolmentLimit.forgive(context.ip);
      const { uuid, hostname, group, password, tokenId } = result;
      const applied = await accounts.applySoon(uuid);
      return {
        status: 201,
        body: { client: { uuid, hostname, group }, mqtt: { username: uuid, password, applied } },
        audit: { target: uuid, detail: { enrolment_token_id: tokenId } },
      };
    },
  });
}
