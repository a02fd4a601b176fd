import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { endWithUs } from './lifeline.ts';

const KEPT_LINES = 400;

export interface ManagedProcessOptions {
  /** Shown in error messages. */
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment of the process; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Asks for an orderly stop; `SIGTERM` when left out. */
  readonly stopSignal?: NodeJS.Signals;
  /** Called with each line of its output. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that runs in a group of its own (a Ctrl-C reaches us alone) and ends when we end. */
export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly isRunning: () => boolean;
  /** The last lines that it wrote, oldest first. */
  readonly output: () => readonly string[];
  /** Sends a signal; after one that ends a process resolves when it is gone. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
  /** Asks it to stop, and kills it when it hasn't within `graceMs` (10 s). */
  readonly stop: (options?: {
    readonly signal?: NodeJS.Signals;
    readonly graceMs?: number;
  }) => Promise<ProcessEnd>;
}

const SIGNALS_THAT_LEAVE_IT_RUNNING: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGSTOP',
  'SIGCONT',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
]);

/** @throws when the program can't be started at all; a program that ends early shows in `ended` */
export async function startManagedProcess(options: ManagedProcessOptions): Promise<ManagedProcess> {
  const { name, command, args = [], env, cwd = '/', user, stopSignal = 'SIGTERM', onLine } = options;
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid };
  const child = spawn(command, args, {
    env: { ...env },
    cwd,
    ...identity,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = await startedPid(child, name);
  const output = collectOutput(child, onLine);
  const release = endWithUs(pid, stopSignal);
  let running = true;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code, signal) => {
      running = false;
      release();
      resolve({ code, signal });
    });
  });
  const kill = async (signal: NodeJS.Signals) => {
    if (running) child.kill(signal);
    if (!SIGNALS_THAT_LEAVE_IT_RUNNING.has(signal)) await ended;
  };
  const stop: ManagedProcess['stop'] = async ({ signal = stopSignal, graceMs = 10_000 } = {}) => {
    if (running) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    return ended.finally(() => clearTimeout(timer));
  };
  return { name, pid, ended, isRunning: () => running, output: () => output, kill, stop };
}

function startedPid(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${name} can't be started: ${error.message}`)));
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
}

function collectOutput(child: ChildProcess, onLine: ((line: string) => void) | undefined): readonly string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line);
    });
  }
  return lines;
}
