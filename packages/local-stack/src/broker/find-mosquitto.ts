import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { executableFolders, serverEnvironment } from '../env.ts';
import { localPlace } from '../machine/local-place.ts';
import { fetchPackages } from './fetch-packages.ts';

const PLUGIN = 'mosquitto_dynamic_security.so';

/** A Mosquitto that runs here, with its account plugin. */
export interface Mosquitto {
  readonly binary: string;
  readonly pluginPath: string;
  /** To be added to the environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
}

export interface MosquittoSub {
  readonly binary: string;
  readonly env: Readonly<Record<string, string>>;
}

export type Found<Program> =
  | { readonly kind: 'found'; readonly program: Program }
  /** `reason` is part of a sentence, for people. */
  | { readonly kind: 'not_found'; readonly reason: string };

/**
 * The Mosquitto of this machine (`PATH`, `/usr/sbin`), else the distribution's packages, fetched once and unpacked under
 * the local place; nothing is installed on the system.
 */
export async function findMosquitto(): Promise<Found<Mosquitto>> {
  const installed = installedProgram('mosquitto');
  if (installed !== undefined) {
    const mosquitto = usableMosquitto(installed, {});
    if (mosquitto !== undefined) return { kind: 'found', program: mosquitto };
  }
  const fetched = await fetchPackages(['mosquitto'], join(localPlace(), 'mosquitto'));
  if (fetched.kind === 'not_found') return fetched;
  const { folder, env } = fetched.program;
  const mosquitto = usableMosquitto(join(folder, 'usr', 'sbin', 'mosquitto'), env);
  if (mosquitto !== undefined) return { kind: 'found', program: mosquitto };
  return {
    kind: 'not_found',
    reason: `the distribution's packages, unpacked in ${folder}, don't run on this machine`,
  };
}

/** `mosquitto_sub`, found in the same ways; for watching, by people and by the checklist script. */
export async function findMosquittoSub(): Promise<Found<MosquittoSub>> {
  const installed = installedProgram('mosquitto_sub');
  if (installed !== undefined) return { kind: 'found', program: { binary: installed, env: {} } };
  const fetched = await fetchPackages(['mosquitto-clients'], join(localPlace(), 'mosquitto-clients'));
  if (fetched.kind === 'not_found') return fetched;
  const { folder, env } = fetched.program;
  return { kind: 'found', program: { binary: join(folder, 'usr', 'bin', 'mosquitto_sub'), env } };
}

function installedProgram(name: string): string | undefined {
  return executableFolders()
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** @returns `undefined` when it doesn't run, or has no account plugin */
function usableMosquitto(binary: string, env: Readonly<Record<string, string>>): Mosquitto | undefined {
  const help = spawnSync(binary, ['-h'], { env: { ...serverEnvironment(), ...env }, encoding: 'utf8' });
  const version = /mosquitto version (\S+)/.exec(help.stdout ?? '')?.[1];
  const pluginPath = findPlugin(binary);
  if (version === undefined || pluginPath === undefined) return undefined;
  return { binary, pluginPath, env, version };
}

/** Beside the program's own prefix: `lib`, `lib64`, and the folders of the distribution's architectures in `lib`. */
function findPlugin(binary: string): string | undefined {
  if (!existsSync(binary)) return undefined;
  const prefix = dirname(dirname(realpathSync(binary)));
  return ['lib', 'lib64']
    .map((folder) => join(prefix, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [folder, ...subfolders(folder)])
    .map((folder) => join(folder, PLUGIN))
    .find((path) => existsSync(path));
}

function subfolders(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && (entry.name.includes('-linux-') || entry.name === 'mosquitto'))
    .map((entry) => join(folder, entry.name));
}
