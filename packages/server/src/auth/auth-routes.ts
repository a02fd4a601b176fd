import type { Database } from '@infoscreen/prisma';
import { changePasswordBodySchema, loginBodySchema, userAnswerSchema } from '@infoscreen/shared-types';
import { defineRoute, type Route } from '../http/define-route.ts';
import { invalidRequest, ProblemError } from '../http/problem-error.ts';
import { userView } from '../users/user-view.ts';
import { changePassword } from './change-password.ts';
import { logIn } from './log-in.ts';
import type { LoginLimits } from './login-limits.ts';
import type { PasswordHasher } from './password-hash.ts';

export interface AuthDeps {
  readonly pool: Database['pool'];
  readonly prisma: Database['prisma'];
  readonly hasher: PasswordHasher;
  readonly limits: LoginLimits;
}

export function authRoutes(deps: AuthDeps): Route[] {
  return [logInRoute(deps), logOutRoute(), meRoute(deps), changePasswordRoute(deps)];
}

const tag = 'auth';

function logInRoute(deps: AuthDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/auth/login',
    operationId: 'logIn',
    summary: 'Log in; the session is a cookie',
    tag,
    role: 'public',
    request: { body: loginBodySchema },
    responses: { 200: userAnswerSchema },
    problems: ['invalid_credentials', 'too_many_attempts'],
    handler: async ({ body, context }) => {
      const result = await logIn(deps, { ...body, ip: context.ip });
      if (result.outcome === 'refused') {
        // People type a password into the wrong field: only the name of a user goes to the audit log.
        throw new ProblemError('invalid_credentials', { auditTarget: result.username ?? '(unknown user)' });
      }
      await context.session.start(result.login);
      const { user } = result;
      return { status: 200, body: { user }, audit: { target: user.username, actor: user } };
    },
  });
}

function logOutRoute(): Route {
  return defineRoute({
    method: 'post',
    path: '/api/auth/logout',
    operationId: 'logOut',
    summary: 'End the session',
    tag,
    role: 'viewer',
    request: {},
    responses: { 204: null },
    problems: [],
    beforePasswordChange: true,
    sessionOnly: true,
    handler: async ({ context }) => {
      await context.session.end();
      return { status: 204, body: undefined, audit: { target: context.user.username } };
    },
  });
}

function meRoute({ prisma }: AuthDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/api/auth/me',
    operationId: 'readOwnUser',
    summary: 'Who is logged in, or for whom a token speaks, with the role that the call has',
    tag,
    role: 'viewer',
    request: {},
    responses: { 200: userAnswerSchema },
    problems: [],
    beforePasswordChange: true,
    handler: async ({ context }) => {
      const user = await prisma.user.findUniqueOrThrow({ where: { id: context.user.id } });
      return { status: 200, body: { user: { ...userView(user), role: context.user.role } } };
    },
  });
}

function changePasswordRoute(deps: AuthDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/api/auth/change-password',
    operationId: 'changePassword',
    summary: 'Change the own password; every other session of the user ends',
    tag,
    role: 'viewer',
    request: { body: changePasswordBodySchema },
    responses: { 200: userAnswerSchema },
    problems: ['invalid_credentials', 'too_many_attempts'],
    beforePasswordChange: true,
    sessionOnly: true,
    handler: async ({ body, context }) => {
      const { user, ip, session } = context;
      const result = await changePassword(deps, {
        user,
        sid: session.sid,
        ip,
        current: body.current_password,
        next: body.new_password,
      });
      if (result.outcome === 'wrong_password') throw new ProblemError('invalid_credentials');
      if (result.outcome !== 'changed') {
        const message =
          result.outcome === 'weak_password' ? result.weakness : 'must differ from the current one';
        throw invalidRequest({ in: 'body', path: 'new_password', message });
      }
      await context.session.start(result.login);
      return { status: 200, body: { user: result.user }, audit: { target: user.username } };
    },
  });
}
