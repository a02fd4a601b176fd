import type { AgentLog } from '../agent/agent-log.ts';
import { delay } from '../agent/delay.ts';
import { type Backoff, backoffDelay } from '../agent/jitter.ts';
import { Pause } from '../agent/pause.ts';
import type { BrokerLink } from './broker-link.ts';

/** A link that ended sooner counts as a failed try: two screens of one account would else cut each other without pause. */
const STABLE_AFTER_MS = 5000;

export interface BrokerConnectionDeps {
  readonly open: () => Promise<BrokerLink>;
  /** Everything that is said right after a connect. Rejects when the link is of no use; it is then cut and opened anew. */
  readonly onOpen: (link: BrokerLink) => Promise<void>;
  readonly onClose: () => void;
  readonly backoff: Backoff;
  readonly random: () => number;
  readonly now: () => number;
  readonly log: AgentLog;
}

/** Keeps one link open: opens it, and after its end another, with exponential backoff and full jitter, until it is stopped. */
export class BrokerConnection {
  readonly #deps: BrokerConnectionDeps;
  readonly #stopped = new AbortController();
  #paused: Pause | null = null;
  #link: BrokerLink | null = null;
  #openedCount = 0;
  #lastDisconnectAt: number | null = null;

  constructor(deps: BrokerConnectionDeps) {
    this.#deps = deps;
  }

  /** The link while one is open, `null` in between. */
  get link(): BrokerLink | null {
    return this.#link;
  }

  /** How often the connection came back since the agent started. */
  get reconnectCount(): number {
    return Math.max(0, this.#openedCount - 1);
  }

  /** By the screen's own clock, milliseconds since the epoch. */
  get lastDisconnectAt(): number | null {
    return this.#lastDisconnectAt;
  }

  start(): void {
    void this.#run();
  }

  /** Opens no further link until `resume`. The open one is left to the caller. */
  pause(): void {
    this.#paused ??= new Pause();
  }

  resume(): void {
    this.#paused?.end();
    this.#paused = null;
  }

  /** Opens no further link. The open one is left to the caller. */
  stop(): void {
    this.#stopped.abort();
    this.resume();
  }

  async #run(): Promise<void> {
    const { backoff, random } = this.#deps;
    let attempt = 0;
    while (!this.#stopped.signal.aborted) {
      await this.#paused?.ended;
      if (await this.#connectOnce(attempt)) attempt = 0;
      await delay(backoffDelay(attempt, backoff, random), this.#stopped.signal);
      attempt += 1;
    }
  }

  /** From connect to disconnect. @returns whether the connection was of use, and lasted */
  async #connectOnce(attempt: number): Promise<boolean> {
    if (this.#stopped.signal.aborted) return false;
    const { log, onOpen, onClose, now } = this.#deps;
    let openedAtMs = Number.POSITIVE_INFINITY;
    try {
      const link = await this.#deps.open();
      if (this.#stopped.signal.aborted || this.#paused !== null) {
        await link.close();
        return false;
      }
      this.#link = link;
      this.#openedCount += 1;
      await onOpen(link);
      openedAtMs = performance.now();
      log.info('broker connected', { reconnect_count: this.reconnectCount });
      await link.closed;
      if (!this.#stopped.signal.aborted && this.#paused === null) log.warn('broker connection lost');
    } catch (error) {
      // One line for the whole outage, not one per attempt.
      if (attempt === 0)
        log.warn('broker connection failed, trying again with backoff', { error: String(error) });
    }
    if (this.#link !== null) {
      this.#link.cut();
      this.#link = null;
      this.#lastDisconnectAt = now();
      onClose();
    }
    return performance.now() - openedAtMs >= STABLE_AFTER_MS;
  }
}
