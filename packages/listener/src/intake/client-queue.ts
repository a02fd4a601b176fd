import { setMaxListeners } from 'node:events';
import { settledWithin } from '@infoscreen/service-kit';
import { backoff } from './backoff.ts';
import { isTransientFailure } from './transient-failure.ts';
import type { RunTask } from './work-limit.ts';

/** Tries of a task that fails by itself, not by the database being away. */
const MAX_OWN_FAILURES = 3;

export interface QueuedTask {
  /** May be run again after a failure, so it must be idempotent. */
  readonly run: () => Promise<void>;
  /** The task can never succeed. */
  readonly giveUp: (error: unknown) => Promise<void>;
  /** What it keeps in memory. */
  readonly bytes: number;
  /**
   * Its work is shared with what waits at the same time, and so takes no place of `run`. Those of one client that follow
   * each other are begun together, in their order; whoever shares the work keeps it.
   */
  readonly isShared?: boolean;
}

export interface ClientQueueOptions {
  /** Shared with other queues: the connections of the pool are the limit. */
  readonly run: RunTask;
  /** From so many tasks or bytes on, `push` asks the caller to wait. */
  readonly maxHeld: number;
  /** From so many tasks on, a client has no room of its own; without a bound of its own where left out. */
  readonly maxHeldPerClient?: number;
  /** The same, of bytes. */
  readonly maxHeldBytesPerClient?: number;
  readonly maxHeldBytes: number;
  readonly onRetry: (error: unknown) => void;
  readonly onSuccess: () => void;
}

/**
 * Runs tasks in order per client, and those of different clients at the same time. A task that fails is tried again,
 * with backoff, for as long as the queue is open; only the tasks of the same client wait for it.
 */
export class ClientQueue {
  readonly #options: ClientQueueOptions;
  /** `tail`: all is done. `gate`: all is done that isn't shared, so that a shared task may begin. */
  readonly #clients = new Map<
    string,
    { tail: Promise<unknown>; gate: Promise<unknown>; held: number; bytes: number }
  >();
  readonly #closed = new AbortController();
  #held = 0;
  #heldBytes = 0;
  #waiting: (() => void)[] = [];

  constructor(options: ClientQueueOptions) {
    this.#options = options;
    // One for each client whose task waits for its next try; `maxHeld` bounds them.
    setMaxListeners(0, this.#closed.signal);
  }

  get held(): number {
    return this.#held;
  }

  /** Whether the client has less than its share waiting, so that no client fills the queue of all others. */
  hasRoomFor(client: string): boolean {
    const own = this.#clients.get(client);
    if (own === undefined) return true;
    const { maxHeldPerClient = Infinity, maxHeldBytesPerClient = Infinity } = this.#options;
    return own.held < maxHeldPerClient && own.bytes < maxHeldBytesPerClient;
  }

  /** @returns while full: a promise that resolves when there is room again. The task itself is taken in any case. */
  push(client: string, task: QueuedTask): Promise<void> | undefined {
    this.#held += 1;
    this.#heldBytes += task.bytes;
    const begun = Promise.resolve();
    const own = this.#clients.get(client) ?? { tail: begun, gate: begun, held: 0, bytes: 0 };
    own.held += 1;
    own.bytes += task.bytes;
    const done = (task.isShared === true ? own.gate : own.tail)
      .then(() => this.#untilDone(task))
      .finally(() => {
        this.#held -= 1;
        this.#heldBytes -= task.bytes;
        own.held -= 1;
        own.bytes -= task.bytes;
        if (own.held === 0) this.#clients.delete(client);
        if (this.#hasRoom) this.#release();
      });
    own.tail = Promise.all([own.tail, done]);
    if (task.isShared !== true) own.gate = own.tail;
    this.#clients.set(client, own);
    return this.#hasRoom ? undefined : new Promise((resolve) => this.#waiting.push(resolve));
  }

  get #hasRoom(): boolean {
    const { maxHeld, maxHeldBytes } = this.#options;
    return this.#held < maxHeld && this.#heldBytes < maxHeldBytes;
  }

  /** Resolves when nothing is left, or after `timeoutMs`, where it is given. */
  async drain(timeoutMs?: number): Promise<void> {
    const work = Promise.all([...this.#clients.values()].map(({ tail }) => tail));
    await (timeoutMs === undefined ? work : settledWithin(timeoutMs, work));
  }

  /** Tasks that haven't begun are dropped, and nothing is tried again. */
  close(): void {
    this.#closed.abort();
    this.#release();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #untilDone(task: QueuedTask): Promise<void> {
    let ownFailures = 0;
    let work = task.run;
    for (let tries = 0; !this.#closed.signal.aborted; tries += 1) {
      try {
        // The pause between two tries takes no place from others.
        if (task.isShared === true) await work();
        else await this.#options.run(() => (this.#closed.signal.aborted ? Promise.resolve() : work()));
        this.#options.onSuccess();
        return;
      } catch (error) {
        if (this.#closed.signal.aborted) return;
        if (!isTransientFailure(error)) {
          ownFailures += 1;
          if (ownFailures >= MAX_OWN_FAILURES) work = () => task.giveUp(error);
        }
        this.#options.onRetry(error);
        await backoff(tries, this.#closed.signal);
      }
    }
  }
}
