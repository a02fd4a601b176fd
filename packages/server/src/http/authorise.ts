import { hasRole } from '@infoscreen/shared-types';
import type { Request, Response } from 'express';
import { bearerToken } from '../api-tokens/token-user.ts';
import { refuseCrossSite } from './cross-site.ts';
import type { Route } from './define-route.ts';
import type { HttpDeps } from './http-deps.ts';
import { ProblemError } from './problem-error.ts';
import { requestState, type SessionUser } from './request-context.ts';
import { settled } from './sessions.ts';

/** Of a request that this app answers. */
export interface Exchange {
  readonly req: Request;
  readonly res: Response;
}

/**
 * Lets a request through to a route, or refuses it. The user is read anew at each request, so that a role that was
 * taken away, or a disabled account, counts at once.
 * @returns the user, or null on a public route
 * @throws ProblemError `cross_site_request`, `not_authenticated`, `invalid_token`, `password_change_required`,
 * `session_required` or `forbidden`
 */
export async function authorise(
  route: Route,
  { req, res }: Exchange,
  deps: HttpDeps,
): Promise<SessionUser | null> {
  const secret = route.role === 'public' ? null : bearerToken(req);
  const user =
    secret === null ? await userOfSession(route, { req, res }, deps) : await userOfToken(secret, req, deps);
  if (route.role === 'public') return null;
  if (user === null) throw new ProblemError('not_authenticated');
  const state = requestState(req);
  state.user = user;
  // Only of somebody who is known: a stranger could name ever new targets, and fill the audit log with them.
  state.target = pathTarget(req);
  const isToken = user.token !== null;
  if (user.mustChangePassword && (isToken || route.beforePasswordChange !== true))
    throw new ProblemError('password_change_required');
  if (isToken && route.sessionOnly === true)
    throw new ProblemError('session_required', {
      detail: 'Log in and use the session: an API token may not do this.',
    });
  if (!hasRole(user.role, route.role))
    throw new ProblemError('forbidden', { detail: `This needs the role ${route.role}.` });
  return user;
}

async function userOfSession(
  route: Route,
  { req, res }: Exchange,
  deps: HttpDeps,
): Promise<SessionUser | null> {
  refuseCrossSite(req);
  await settled((done) => deps.loadSession(req, res, done));
  const { login, id } = req.session;
  return route.role === 'public' || login === undefined ? null : deps.findSessionUser(login, id);
}

/**
 * With a token the cookie isn't even read: an invalid one never falls back to a session. No browser sends such a header
 * by itself, so it needs no check for another site.
 */
async function userOfToken(secret: string, req: Request, deps: HttpDeps): Promise<SessionUser> {
  const user = await deps.findTokenUser({ secret, ip: req.ip ?? 'unknown' });
  if (user !== null) return user;
  throw new ProblemError('invalid_token', {
    headers: { 'www-authenticate': 'Bearer realm="infoscreen", error="invalid_token"' },
  });
}

/** The UUID in the path, as the subject of the audit entry. */
function pathTarget(req: Request): string | null {
  const [value] = Object.values(req.params);
  return typeof value === 'string' ? value.slice(0, 255) : null;
}
