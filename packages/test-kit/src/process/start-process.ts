import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { nodeArgumentsOf, REPOSITORY_ROOT, startManagedProcess } from '@infoscreen/local-stack';
import { processEnvironment } from '../env.ts';
import { eventually } from '../eventually.ts';

export interface ServiceProcessOptions {
  /** Path of the built entry from the top folder, as `packages/server/dist/main.js`; absolute for another's program. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** The settings of the process; of our environment it gets `PATH` alone. */
  readonly env: Readonly<Record<string, string>>;
  /** It is ready when a line of its output matches … */
  readonly readyLine?: RegExp;
  /** … or when this URL answers 200. With neither it counts as ready at once. */
  readonly readyUrl?: string;
  /** 20 s when left out. */
  readonly deadlineMs?: number;
}

export interface ServiceProcess {
  readonly pid: number;
  /** All lines of its output so far. */
  readonly logs: readonly string[];
  /** Lines of its output that are JSON objects, as structured logs are. */
  readonly logRecords: () => readonly Record<string, unknown>[];
  readonly isRunning: () => boolean;
  /** Resolves with its exit code and signal when it is gone. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** SIGTERM, and its exit code; a kill after 10 s. */
  readonly stop: () => Promise<number | null>;
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
}

/**
 * Runs a built service as a process of its own.
 * @throws with its output when it isn't ready within the deadline or ends before
 */
export async function startProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const entry = resolve(REPOSITORY_ROOT, options.entry);
  if (!existsSync(entry)) throw new Error(`${options.entry} is not built: run "npm run build".`);
  const logs: string[] = [];
  const child = await startManagedProcess({
    name: options.entry,
    command: process.execPath,
    args: [...nodeArgumentsOf(options.entry), entry, ...(options.args ?? [])],
    env: { ...processEnvironment(), ...options.env },
    cwd: REPOSITORY_ROOT,
    onLine: (line) => logs.push(line),
  });
  const isReady = async () => !child.isRunning() || (await looksReady(options, logs));
  try {
    await eventually(isReady, {
      deadlineMs: options.deadlineMs ?? 20_000,
      what: `${options.entry} is ready`,
    });
    if (!child.isRunning() && hasReadyCondition(options))
      throw new Error(`${options.entry} ended before it was ready`);
  } catch (cause) {
    await child.stop({ graceMs: 1000 });
    throw new Error(`${options.entry} didn't start:\n${logs.slice(-40).join('\n')}`, { cause });
  }
  return {
    pid: child.pid,
    logs,
    logRecords: () => logs.flatMap(asRecord),
    isRunning: () => child.isRunning(),
    ended: child.ended,
    stop: async () => (await child.stop()).code,
    kill: (signal) => child.kill(signal),
  };
}

function hasReadyCondition({ readyLine, readyUrl }: ServiceProcessOptions): boolean {
  return readyLine !== undefined || readyUrl !== undefined;
}

async function looksReady(
  { readyLine, readyUrl }: ServiceProcessOptions,
  logs: readonly string[],
): Promise<boolean> {
  if (readyLine !== undefined && !logs.some((line) => readyLine.test(line))) return false;
  return readyUrl === undefined || (await fetch(readyUrl)).status === 200;
}

function asRecord(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : [];
  } catch {
    return [];
  }
}
