import type { Database } from '@infoscreen/prisma';
import {
  createUserBodySchema,
  pageQuerySchema,
  updateUserBodySchema,
  userAnswerSchema,
  usernameSchema,
  userPageSchema,
  userPathSchema,
  userWithPasswordSchema,
} from '@infoscreen/shared-types';
import { z } from 'zod';
import type { PasswordHasher } from '../auth/password-hash.ts';
import { decodeCursor, pageOfRows } from '../http/cursor.ts';
import { defineRoute, type Route } from '../http/define-route.ts';
import { invalidRequest, ProblemError } from '../http/problem-error.ts';
import { createUser, resetPassword } from './create-user.ts';
import { listUsers, readUser } from './read-users.ts';
import { updateUser } from './update-user.ts';
import { userView } from './user-view.ts';

export interface UserRouteDeps extends Pick<Database, 'pool' | 'prisma'> {
  readonly hasher: PasswordHasher;
}

export function userRoutes(deps: UserRouteDeps): Route[] {
  return [listRoute(deps), createRoute(deps), updateRoute(deps), resetRoute(deps)];
}

const tag = 'users';
const cursorSchema = z.tuple([usernameSchema]);

function listRoute(deps: UserRouteDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/users',
    operationId: 'listUsers',
    summary: 'Users by name',
    tag,
    role: 'superadmin',
    request: { query: pageQuerySchema },
    responses: { 200: userPageSchema },
    problems: [],
    handler: async ({ query }) => {
      const after = decodeCursor(query.cursor, cursorSchema)?.[0] ?? '';
      const rows = await listUsers(deps, { after, count: query.limit + 1 });
      return {
        status: 200,
        body: pageOfRows(rows, query.limit, { item: userView, key: (user) => [user.username] }),
      };
    },
  });
}

function createRoute(deps: UserRouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/users',
    operationId: 'createUser',
    summary: 'Make a user; without a password one is made and shown this once',
    tag,
    role: 'superadmin',
    sessionOnly: true,
    request: { body: createUserBodySchema },
    responses: { 201: userWithPasswordSchema },
    problems: ['username_taken'],
    answerIsSecret: true,
    handler: async ({ body }) => {
      const result = await createUser(deps, body);
      if (result.outcome === 'username_taken')
        throw new ProblemError('username_taken', { auditTarget: body.username });
      if (result.outcome === 'weak_password')
        throw invalidRequest({ in: 'body', path: 'password', message: result.weakness });
      const { user, password } = result;
      return {
        status: 201,
        body: { user, password },
        audit: { target: user.username, detail: { role: user.role } },
      };
    },
  });
}

function updateRoute(deps: UserRouteDeps): Route {
  return defineRoute({
    method: 'patch',
    path: '/api/users/{id}',
    operationId: 'updateUser',
    summary:
      'Change the role, disable or enable; ends the sessions of the user, and disabling the API tokens',
    tag,
    role: 'superadmin',
    sessionOnly: true,
    request: { params: userPathSchema, body: updateUserBodySchema },
    responses: { 200: userAnswerSchema },
    problems: ['user_not_found', 'own_role', 'last_superadmin'],
    handler: async ({ params: { id }, body, context }) => {
      if (id === context.user.id) throw new ProblemError('own_role');
      const result = await updateUser(deps, { id, ...body, changedBy: context.user.username });
      if (result === 'user_not_found' || result === 'last_superadmin') throw new ProblemError(result);
      const user = await readUser(deps, id);
      return { status: 200, body: { user }, audit: { target: user.username, detail: body } };
    },
  });
}

function resetRoute(deps: UserRouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/users/{id}/reset_password',
    operationId: 'resetPassword',
    summary: 'Give the user a made password, shown this once; ends the sessions and API tokens of the user',
    tag,
    role: 'superadmin',
    sessionOnly: true,
    request: { params: userPathSchema },
    responses: { 200: userWithPasswordSchema },
    problems: ['user_not_found'],
    answerIsSecret: true,
    handler: async ({ params: { id }, context }) => {
      const result = await resetPassword(deps, { id, resetBy: context.user.username });
      if (result === null) throw new ProblemError('user_not_found');
      return { status: 200, body: result, audit: { target: result.user.username } };
    },
  });
}
