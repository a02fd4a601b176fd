import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { hostname, networkInterfaces, uptime } from 'node:os';
import { promisify } from 'node:util';
import type { ProcessStatus } from '@infoscreen/shared-types';
import { type AgentHost, HostActionError, type HostIdentity, type PlayerProcess } from './agent-host.ts';
import { LinuxMetrics } from './linux-metrics.ts';

/** A program and its arguments; no shell reads it. The program is an absolute path. */
export type HostCommand = readonly [program: string, ...args: string[]];

export interface LinuxHostSettings {
  readonly rebootCommand: HostCommand;
  readonly shutdownCommand: HostCommand;
  readonly restartAppCommand: HostCommand;
  /** The systemd unit that shows the content. */
  readonly playerUnit: string;
  readonly model: string;
  readonly appVersion: string;
}

const COMMAND_TIMEOUT_MS = 60_000;
const SYSTEMCTL = '/usr/bin/systemctl';
const runProgram = promisify(execFile);

/** The Linux machine that this process runs on. @throws where it is none (no boot id) */
export async function createLinuxHost(settings: LinuxHostSettings): Promise<AgentHost> {
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const identity: HostIdentity = {
    hostname: hostname(),
    ip: firstAddress(),
    model: settings.model,
    osVersion: prettyName(await readFile('/etc/os-release', 'utf8').catch(() => '')),
    appVersion: settings.appVersion,
  };
  const metrics = new LinuxMetrics();
  const goDown = async (command: HostCommand, lastWords: () => Promise<void>) => {
    await assertRunnable(command);
    await lastWords();
    await run(command);
  };
  return {
    bootId: () => bootId,
    identity: () => identity,
    uptimeSeconds: () => uptime(),
    playerProcess: () => readPlayerProcess(settings.playerUnit),
    readMetrics: () => metrics.read(),
    restartApp: () => run(settings.restartAppCommand),
    reboot: (_command, lastWords) => goDown(settings.rebootCommand, lastWords),
    shutdown: (_command, lastWords) => goDown(settings.shutdownCommand, lastWords),
  };
}

async function run([program, ...args]: HostCommand): Promise<void> {
  try {
    await runProgram(program, args, { timeout: COMMAND_TIMEOUT_MS });
  } catch (error) {
    throw new HostActionError(
      'host_command_failed',
      `${program}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Looked at before the last words, since a power-off is reported as done before it is done. */
async function assertRunnable([program]: HostCommand): Promise<void> {
  await access(program, constants.X_OK).catch(() => {
    throw new HostActionError('host_command_missing', `${program} cannot be run`);
  });
}

async function readPlayerProcess(unit: string): Promise<PlayerProcess> {
  const output = await runProgram(SYSTEMCTL, ['show', '--property=ActiveState,MainPID', unit], {
    timeout: 5_000,
  }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  return { name: unit, ...playerStateOf(output) };
}

/** Reads `systemctl show --property=ActiveState,MainPID`. Exported for its rules; what is unknown counts as stopped. */
export function playerStateOf(output: string): {
  readonly status: ProcessStatus;
  readonly pid: number | null;
} {
  const property = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1] ?? '';
  const statuses: Readonly<Record<string, ProcessStatus>> = {
    active: 'running',
    activating: 'starting',
    reloading: 'running',
    failed: 'crashed',
  };
  const pid = Number.parseInt(property('MainPID'), 10);
  return { status: statuses[property('ActiveState')] ?? 'stopped', pid: pid > 0 ? pid : null };
}

function prettyName(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux';
}

function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '';
}
