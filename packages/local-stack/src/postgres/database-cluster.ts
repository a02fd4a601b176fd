import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverEnvironment } from '../env.ts';
import { giveToServers, prepareServerFolder } from '../machine/local-place.ts';
import { canReach, unprivilegedUser } from '../machine/unprivileged-user.ts';
import type { ServerBinaries } from './server-binaries.ts';

export const SUPERUSER = 'postgres';

/** Makes the data directory with its superuser when there is none yet; data that is there stays as it is. */
export async function ensureCluster(
  binaries: ServerBinaries,
  dataDir: string,
  superuserPassword: string,
): Promise<void> {
  prepareServerFolder(dataDir);
  if (!canReach(dataDir, unprivilegedUser())) {
    throw new Error(
      `The user under whom PostgreSQL runs can't reach ${dataDir}: choose a folder outside of it.`,
    );
  }
  if (existsSync(join(dataDir, 'PG_VERSION'))) return;
  const draft = `${dataDir}.${randomUUID()}`;
  const passwordFile = `${draft}.password`;
  prepareServerFolder(draft);
  writeFileSync(passwordFile, `${superuserPassword}\n`, { mode: 0o600 });
  giveToServers(passwordFile);
  try {
    await initialise(binaries, draft, passwordFile);
    // Whole or not at all: a run that was killed half way leaves no data directory that looks finished.
    renameSync(draft, dataDir);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(draft, { recursive: true, force: true });
  }
}

async function initialise(binaries: ServerBinaries, dataDir: string, passwordFile: string): Promise<void> {
  await runServerProgram(binaries.initdb, [
    `--pgdata=${dataDir}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]);
}

/** Sets the superuser's password of a cluster that isn't running. Whoever may read its files may do so anyway. */
export async function resetSuperuserPassword(
  binaries: ServerBinaries,
  dataDir: string,
  superuserPassword: string,
): Promise<void> {
  const statement = `ALTER ROLE ${SUPERUSER} PASSWORD '${superuserPassword.replaceAll("'", "''")}'\n`;
  await runServerProgram(binaries.postgres, ['--single', '-D', dataDir, 'postgres'], statement);
}

function runServerProgram(program: string, args: readonly string[], input = ''): Promise<void> {
  const user = unprivilegedUser();
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: serverEnvironment(), cwd: '/', ...identity });
    let errors = '';
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on('error', reject);
    child.stdin.on('error', () => {});
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} failed: ${errors.trim().slice(-2000)}`));
    });
    child.stdin.end(input);
  });
}
