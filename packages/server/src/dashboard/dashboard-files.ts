import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Request, type Response, type Router } from 'express';
import { ProblemError } from '../http/problem-error.ts';

const VIEWS = ['/', '/screens', '/screens/:uuid', '/commands', '/audit', '/users', '/account'];
/** Below these a mistyped address is a program's, also where a browser asks for it. */
const NEVER_A_VIEW = /^\/(?:api|assets)(?:\/|$)/i;
const NOT_BUILT = `The page isn't built: run "npm run build", then start again. The API works, see /api/docs.`;

/** Where the build of @infoscreen/dashboard puts the page. */
export function dashboardFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('@infoscreen/dashboard/package.json');
  return path.join(path.dirname(manifest), 'dist', 'page');
}

/**
 * The admins' page from its built files. Files with a hash in their name never change; `index.html`, which names them, is
 * asked for each time. Without a build every view says so, and the rest of the server works.
 */
export function dashboardFiles(folder: string): Router {
  const router = express.Router({ caseSensitive: true });
  const isBuilt = existsSync(path.join(folder, 'index.html'));
  const sendPage = (res: Response) =>
    res.set('cache-control', 'no-store').sendFile('index.html', { root: folder, cacheControl: false });
  for (const view of VIEWS) {
    router.get(view, (_req, res) => {
      if (!isBuilt) throw new ProblemError('unavailable', { detail: NOT_BUILT });
      sendPage(res);
    });
  }
  router.use(
    '/assets',
    express.static(path.join(folder, 'assets'), {
      index: false,
      redirect: false,
      immutable: true,
      maxAge: '365d',
    }),
  );
  for (const name of ['theme.js', 'icon.svg']) {
    router.get(`/${name}`, (_req, res, next) => {
      res.sendFile(name, { root: folder, maxAge: '1h' }, (error?: Error) => {
        if (error !== undefined && !res.headersSent) next();
      });
    });
  }
  router.use((req, res, next) => {
    if (isBuilt && isMistypedView(req)) sendPage(res.status(404));
    else next();
  });
  return router;
}

/** Whether a person's browser went to an address that nothing is at: the page itself then says so. */
function isMistypedView(req: Request): boolean {
  return (
    (req.method === 'GET' || req.method === 'HEAD') &&
    !NEVER_A_VIEW.test(req.path) &&
    (req.get('accept') ?? '').includes('text/html')
  );
}
