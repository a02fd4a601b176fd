import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY_ROOT } from '@infoscreen/local-stack';

const LEFT_OUT = new Set(['.git', '.local', 'coverage']);
const WORKSPACES = '@infoscreen';

/** A copy of the repository that may be changed and built; the installed packages are those of the original. */
export interface WorkingCopy {
  readonly folder: string;
  read(file: string): string;
  write(file: string, text: string): void;
  remove(): void;
}

/** Copies what is there, committed or not, into `folder`, which must not exist. */
export function makeWorkingCopy(folder: string): WorkingCopy {
  for (const { name } of readdirSync(REPOSITORY_ROOT, { withFileTypes: true })) {
    if (LEFT_OUT.has(name) || name === 'node_modules') continue;
    cpSync(path.join(REPOSITORY_ROOT, name), path.join(folder, name), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  linkInstalledPackages(folder);
  return {
    folder,
    read: (file) => readFileSync(path.join(folder, file), 'utf8'),
    write: (file, text) => writeFileSync(path.join(folder, file), text),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Every package is a link to the original, but for our own, which are those of the copy. */
function linkInstalledPackages(folder: string): void {
  const installed = path.join(REPOSITORY_ROOT, 'node_modules');
  const copied = path.join(folder, 'node_modules');
  mkdirSync(path.join(copied, WORKSPACES), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== WORKSPACES) symlinkSync(path.join(installed, name), path.join(copied, name));
  }
  for (const name of readdirSync(path.join(installed, WORKSPACES))) {
    const home = name === 'prisma' ? 'prisma' : path.join('packages', name);
    symlinkSync(path.join(folder, home), path.join(copied, WORKSPACES, name));
  }
}
