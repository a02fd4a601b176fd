import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** What is installed, built or kept by a run, and so is no part of the repository. */
const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'dist-test', '.local', 'coverage', 'generated']);

/** Paths of all files below `folder`, from the top of the repository, with `/` between folders. */
export function repositoryFiles(folder = ''): readonly string[] {
  return readdirSync(path.join(REPOSITORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (NOT_OURS.has(entry.name) || name === '.env') return [];
    if (entry.isDirectory()) return repositoryFiles(name);
    return entry.isFile() ? [name] : [];
  });
}

export function readText(name: string): string {
  return readFileSync(path.join(REPOSITORY, name), 'utf8');
}

export function isThere(name: string): boolean {
  return existsSync(path.join(REPOSITORY, name));
}

export interface Workspace {
  /** `@infoscreen/server` */
  readonly name: string;
  /** `packages/server` */
  readonly folder: string;
  readonly dependencies: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The npm workspaces, as their manifests say. */
export function workspaces(): readonly Workspace[] {
  return repositoryFiles()
    .filter((file) => /^(prisma|packages\/[^/]+)\/package\.json$/.test(file))
    .map((file) => {
      const { name, dependencies, devDependencies } = JSON.parse(readText(file)) as Manifest;
      // A page is bundled: what it imports is needed for its build, and not where it runs.
      const needed = { ...dependencies, ...(name === '@infoscreen/dashboard' ? devDependencies : {}) };
      return { name, folder: path.posix.dirname(file), dependencies: Object.keys(needed) };
    });
}
