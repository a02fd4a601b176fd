import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serverEnvironment } from '../env.ts';
import type { Found } from './find-mosquitto.ts';

const run = promisify(execFile);
const COMMAND_DEADLINE_MS = 120_000;

/** Packages of the distribution, unpacked into a folder. */
export interface UnpackedPackages {
  readonly folder: string;
  /** So that programs in it find their libraries. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Fetches Debian packages, with the libraries among their dependencies that this machine lacks, and unpacks them into
 * `folder`: once, whole or not at all, whoever else does the same. Needs no rights on the system and changes nothing there.
 */
export async function fetchPackages(
  packages: readonly string[],
  folder: string,
): Promise<Found<UnpackedPackages>> {
  if (!existsSync(folder)) {
    const draft = `${folder}.${randomUUID()}`;
    try {
      mkdirSync(draft, { recursive: true });
      await unpackInto(draft, packages);
      renameSync(draft, folder);
    } catch (error) {
      if (!existsSync(folder)) return { kind: 'not_found', reason: reasonOf(error, packages) };
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  return { kind: 'found', program: { folder, env: { LD_LIBRARY_PATH: libraryFolders(folder).join(':') } } };
}

async function unpackInto(draft: string, packages: readonly string[]): Promise<void> {
  const downloads = join(draft, 'downloads');
  mkdirSync(downloads);
  const apt = await aptOptions(downloads, packages);
  await run(
    'apt-get',
    [...apt, 'download', ...(await withMissingLibraries(apt, packages))],
    commandOptions(downloads),
  );
  const archives = readdirSync(downloads).filter((name) => name.endsWith('.deb'));
  for (const archive of archives)
    await run('dpkg', ['-x', join(downloads, archive), draft], commandOptions(draft));
  rmSync(downloads, { recursive: true, force: true });
}

/** The system's package lists, or lists of our own where it has none (as in a fresh container). */
async function aptOptions(downloads: string, packages: readonly string[]): Promise<readonly string[]> {
  const base = [
    '-qq',
    '-o',
    'APT::Sandbox::User=root',
    '-o',
    'Acquire::Retries=1',
    '-o',
    'Acquire::http::Timeout=20',
  ];
  const known = await run(
    'apt-cache',
    ['show', '--no-all-versions', ...packages],
    commandOptions(downloads),
  ).catch(() => undefined);
  if (known !== undefined) return base;
  const lists = join(downloads, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const own = [...base, '-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${downloads}`];
  await run('apt-get', [...own, 'update'], commandOptions(downloads));
  return own;
}

async function withMissingLibraries(
  apt: readonly string[],
  packages: readonly string[],
): Promise<readonly string[]> {
  const wanted = new Set(packages);
  for (const name of wanted) {
    const dependencies = await dependenciesOf(apt, name);
    for (const dependency of dependencies.filter((candidate) => candidate.startsWith('lib'))) {
      if (!wanted.has(dependency) && !(await isInstalled(dependency))) wanted.add(dependency);
    }
  }
  return [...wanted];
}

async function dependenciesOf(apt: readonly string[], name: string): Promise<readonly string[]> {
  const options = apt.filter((option) => option !== '-qq');
  const { stdout } = await run(
    'apt-cache',
    [...options, '--no-all-versions', 'show', name],
    commandOptions('/'),
  );
  const fields = [...stdout.matchAll(/^(?:Pre-)?Depends: (.*)$/gm)].flatMap((match) =>
    (match[1] ?? '').split(','),
  );
  return fields
    .map((field) => /^\s*([a-z0-9][a-z0-9.+-]*)/.exec(field)?.[1] ?? '')
    .filter((found) => found !== '');
}

async function isInstalled(name: string): Promise<boolean> {
  const query = ['-W', '-f', `\${db:Status-Status}`, name];
  const answer = await run('dpkg-query', query, commandOptions('/')).catch(() => undefined);
  return answer?.stdout.startsWith('installed') ?? false;
}

function libraryFolders(folder: string): readonly string[] {
  return [join(folder, 'usr', 'lib'), join(folder, 'lib')]
    .filter((parent) => existsSync(parent))
    .flatMap((parent) => [
      parent,
      ...readdirSync(parent, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'))
        .map((entry) => join(parent, entry.name)),
    ]);
}

function commandOptions(cwd: string) {
  return { cwd, env: serverEnvironment(), timeout: COMMAND_DEADLINE_MS, maxBuffer: 16 * 1024 * 1024 };
}

function reasonOf(error: unknown, packages: readonly string[]): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return `it isn't installed, and this system has no apt-get to fetch ${packages.join(', ')} with`;
  }
  const detail = error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error);
  return `it isn't installed, and fetching the packages ${packages.join(', ')} failed (${detail})`;
}
