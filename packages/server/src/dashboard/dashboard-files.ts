import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Router } from 'express';
import { ProblemError } from '../http/problem-error.ts';

/** Views of the page, and below them; whatever else isn't a file is nothing, so that a mistyped path stays a 404. */
const VIEWS = ['/', '/screens', '/screens/:uuid', '/commands', '/audit', '/users', '/account'];
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
  for (const view of VIEWS) {
    router.get(view, (_req, res) => {
      if (!isBuilt) throw new ProblemError('unavailable', { detail: NOT_BUILT });
      res.set('cache-control', 'no-store').sendFile('index.html', { root: folder, cacheControl: false });
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
  return router;
}
