import { hasRole } from '@infoscreen/shared-types';
import type { Request } from 'express';
import type { Route } from './define-route.ts';
import type { HttpDeps } from './http-deps.ts';
import { ProblemError } from './problem-error.ts';
import { requestState, type SessionUser } from './request-context.ts';

/**
 * Lets a request through to a route, or refuses it. The user is read anew at each request, so that a role that was
 * taken away, or a disabled account, counts at once.
 * @returns the user, or null on a public route
 * @throws ProblemError `not_authenticated`, `password_change_required` or `forbidden`
 */
export async function authorise(
  route: Route,
  req: Request,
  { findSessionUser }: Pick<HttpDeps, 'findSessionUser'>,
): Promise<SessionUser | null> {
  if (route.role === 'public') return null;
  const login = req.session.login;
  const user = login === undefined ? null : await findSessionUser(login);
  if (user === null) throw new ProblemError('not_authenticated');
  const state = requestState(req);
  state.user = user;
  // Only of somebody who is known: a stranger could name ever new targets, and fill the audit log with them.
  state.target = pathTarget(req);
  if (user.mustChangePassword && route.beforePasswordChange !== true)
    throw new ProblemError('password_change_required');
  if (!hasRole(user.role, route.role))
    throw new ProblemError('forbidden', { detail: `This needs the role ${route.role}.` });
  return user;
}

/** The UUID in the path, as the subject of the audit entry. */
function pathTarget(req: Request): string | null {
  const [value] = Object.values(req.params);
  return typeof value === 'string' ? value.slice(0, 255) : null;
}
