import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  freePort,
  type ManagedProcess,
  nodeArgumentsOf,
  REPOSITORY_ROOT,
  startManagedProcess,
} from '@infoscreen/local-stack';
import type { ServiceName } from '@infoscreen/shared-types';
import { between, type Random } from '../run/random.ts';

export interface ReplicaOptions {
  readonly service: ServiceName;
  readonly name: string;
  /** Path of the built entry from the top folder. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly random: Random;
  /** Gets each line of its output. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** An end of the process that nobody asked for. */
export interface UnaskedEnd {
  readonly name: string;
  readonly at: number;
  /** Whether it had finished its start: one that can't start while the database is away is started again, no more. */
  readonly hadStarted: boolean;
  readonly lastLines: readonly string[];
}

const RESTART_AFTER_MS = { low: 500, high: 3000 };

/** One replica and its supervisor: whatever ends it, it is started again a moment later, as compose would. */
export class Replica {
  readonly service: ServiceName;
  readonly name: string;
  readonly url: string;
  readonly unaskedEnds: UnaskedEnd[] = [];
  /** How often a SIGTERM ended it with another exit code than 0. */
  uncleanStops = 0;
  readonly #options: ReplicaOptions;
  readonly #port: number;
  #child: ManagedProcess | null = null;
  #isEndAsked = false;
  #isOver = false;
  #supervision: Promise<void> = Promise.resolve();

  private constructor(options: ReplicaOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.service = options.service;
    this.name = options.name;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(options: ReplicaOptions): Promise<Replica> {
    const replica = new Replica(options, await freePort());
    replica.#supervision = replica.#supervise();
    return replica;
  }

  get isRunning(): boolean {
    return this.#child?.isRunning() ?? false;
  }

  async isReady(): Promise<boolean> {
    try {
      const { status } = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2000) });
      return status === 200;
    } catch {
      return false;
    }
  }

  lastLines(): readonly string[] {
    return this.#child?.output() ?? [];
  }

  /** @returns false where nothing runs now that could be ended */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<boolean> {
    const child = this.#child;
    if (child === null || !child.isRunning()) return false;
    this.#isEndAsked = true;
    if (signal === 'SIGKILL') await child.kill('SIGKILL');
    else if ((await child.stop({ graceMs: 15_000 })).code !== 0 && hasStarted(child)) this.uncleanStops += 1;
    return true;
  }

  async pause(): Promise<void> {
    await this.#child?.kill('SIGSTOP');
  }

  async resume(): Promise<void> {
    await this.#child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#isEndAsked = true;
    await this.#child?.stop();
    await this.#supervision;
  }

  async #supervise(): Promise<void> {
    const { entry, env, service, random, name, onLine } = this.#options;
    while (!this.#isOver) {
      this.#isEndAsked = false;
      const child = await startManagedProcess({
        name,
        command: process.execPath,
        args: [...nodeArgumentsOf(entry), join(REPOSITORY_ROOT, entry)],
        env: { ...env, INSTANCE_ID: name, [service === 'server' ? 'PORT' : 'OPS_PORT']: String(this.#port) },
        cwd: REPOSITORY_ROOT,
        onLine,
      });
      this.#child = child;
      await child.ended;
      if (!this.#isEndAsked)
        this.unaskedEnds.push({
          name,
          at: Date.now(),
          hadStarted: hasStarted(child),
          lastLines: child.output().slice(-20),
        });
      if (this.#isOver) return;
      await pause(between(random, RESTART_AFTER_MS.low, RESTART_AFTER_MS.high));
    }
  }
}

function hasStarted(child: ManagedProcess): boolean {
  return child.output().some((line) => line.includes('service started'));
}
