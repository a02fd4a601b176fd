// What both commands of the README need: dependencies, the generated Prisma client, built packages.
// Plain Node without any package: nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => path.join(root, ...parts);
const modifiedAt = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** Says in one line what it is doing, then runs it; ends the process when it fails. */
export function step(title, command, args, { quiet = false, env = process.env } = {}) {
  console.log(`▸ ${title}`);
  const result = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  console.error(
    `${title}: failed${result.error ? ` (${result.error.message})` : ''}. What it printed stands above.`,
  );
  process.exit(1);
}

function checkNodeVersion() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(
    `Node ${process.versions.node} is too old: install Node 20.19 or newer (24 is what the images use).`,
  );
  process.exit(1);
}

function checkRights() {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    console.error(
      `No right to write in ${root}: run this as the owner of the clone, or give yourself the right to do so.`,
    );
    process.exit(1);
  }
}

/** What `npm start` runs; what these packages need is built with them. */
export const RUNNING_PACKAGES = ['server', 'listener', 'scheduler', 'local-stack'].map(
  (name) => `packages/${name}`,
);

/**
 * Installs, generates and builds, each only where something is missing or older than what it is made from.
 * @param {readonly string[]} projects what to build; everything, tests included, when left out
 */
export function prepare(projects = []) {
  checkNodeVersion();
  checkRights();
  const installed = modifiedAt(at('node_modules', '.package-lock.json'));
  if (installed === 0 || installed < modifiedAt(at('package-lock.json'))) {
    step('installing dependencies (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund'], { quiet: true });
  }
  const client = at('prisma', 'src', 'generated', 'prisma', 'client.ts');
  if (modifiedAt(client) < modifiedAt(at('prisma', 'schema.prisma'))) {
    step('generating the Prisma client', process.execPath, [at('scripts', 'generate.mjs')], { quiet: true });
  }
  step('building (tsc -b)', process.execPath, [at('scripts', 'build.mjs'), ...projects]);
}
