// The admins' page: Vite makes files of packages/dashboard, which the server serves.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'packages', 'dashboard');
/** What is in the page, or decides how it is made. */
const SOURCES = [
  ...['src', 'public', 'index.html', 'package.json', 'vite.config.ts'].map((name) => path.join(page, name)),
  path.join(root, 'packages', 'shared-types', 'src'),
  path.join(root, 'package-lock.json'),
];

function newestIn(file) {
  const stats = statSync(file);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(file).map((name) => newestIn(path.join(file, name))));
}

/** Builds the page unless it is newer than all that it is made from. @returns the exit status */
export function buildPageWhenStale() {
  const built = path.join(page, 'dist', 'page', 'index.html');
  if (existsSync(built) && statSync(built).mtimeMs > Math.max(...SOURCES.map(newestIn))) return 0;
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: page,
    stdio: 'inherit',
  });
  return status ?? 1;
}
