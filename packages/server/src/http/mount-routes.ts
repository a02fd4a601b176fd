import express, { type Router } from 'express';
import type { Method, Route } from './define-route.ts';
import { handleRoute } from './handle-route.ts';
import type { HttpDeps } from './http-deps.ts';
import { ProblemError } from './problem-error.ts';

/**
 * Puts the route table on a router: literal segments before parameters, so that `/clients/crashed` is never read as a
 * UUID, and a 405 for each known path with another method.
 */
export function mountRoutes(routes: readonly Route[], deps: HttpDeps): Router {
  const router = express.Router({ caseSensitive: true });
  const paths = [...new Set(routes.map(({ path }) => path))].sort(bySpecificity);
  for (const path of paths) {
    const ofPath = routes.filter((route) => route.path === path);
    const mounted = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const route of ofPath) mounted[route.method](handleRoute(route, deps));
    mounted.all(() => {
      throw new ProblemError('method_not_allowed', {
        headers: { allow: allowed(ofPath.map(({ method }) => method)) },
      });
    });
  }
  return router;
}

function allowed(methods: readonly Method[]): string {
  return methods
    .flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]))
    .join(', ');
}

function bySpecificity(left: string, right: string): number {
  const weight = (path: string) =>
    path
      .split('/')
      .map((segment) => (segment.startsWith('{') ? '1' : '0'))
      .join('');
  return weight(left).localeCompare(weight(right));
}
