import type { MessageClass } from './message-source.ts';

const WINDOW_MS = 1000;
/** No agent comes near: with 750 messages in its three bursts, it would have to send 2,750 within a second. */
const MAX_REFUSED = 2000;
/** 256 messages as large as any may be, after those of the bursts; every lane's reader costs the broker as much again. */
const MAX_REFUSED_BYTES = 8 * 1024 * 1024;
/** A flood that goes on, or that the broker still had, is told again after so long. */
const TOLD_AGAIN_MS = 10_000;
/** Clients that are watched at a time. */
const MAX_WATCHED = 1000;
/** A reader of ours that stood still for so long finds what clients sent meanwhile, all at once. */
const LONG_STALL_MS = 30_000;
/** Time for it to get through that. */
const EXCUSED_MS = 60_000;

/** What was refused of a client within the window. */
export interface Flood {
  readonly clientUuid: string;
  readonly refused: number;
  readonly refusedBytes: number;
}

export interface RefusedMessage {
  readonly messageClass: MessageClass;
  readonly client: string;
  readonly bytes: number;
}

interface Window {
  startedAtMs: number;
  refused: number;
  refusedBytes: number;
  quietUntilMs: number;
}

const CLIENT_CLASSES: ReadonlySet<MessageClass> = new Set(['report', 'session', 'telemetry']);

/**
 * Tells when a client's surplus is far beyond what any agent sends: then the broker suffers, and with it all others, however
 * cheaply the surplus is refused here. Times are in ms of a clock that never goes back. Sources that are no client, such as the
 * alias, are never told of: nobody knows whose account it is.
 */
export class FloodWatch {
  readonly #clients = new Map<string, Window>();
  #excusedUntilMs = Number.NEGATIVE_INFINITY;

  /** Clients that are watched now. */
  get size(): number {
    return this.#clients.size;
  }

  /** One was refused. @returns the flood, where this one makes it one that hasn't been told of */
  refused({ messageClass, client, bytes }: RefusedMessage, nowMs: number): Flood | undefined {
    if (!CLIENT_CLASSES.has(messageClass) || nowMs < this.#excusedUntilMs) return undefined;
    const window = this.#windowOf(client, nowMs);
    if (window === undefined) return undefined;
    window.refused += 1;
    window.refusedBytes += bytes;
    if (window.refused <= MAX_REFUSED && window.refusedBytes <= MAX_REFUSED_BYTES) return undefined;
    if (nowMs < window.quietUntilMs) return undefined;
    window.quietUntilMs = nowMs + TOLD_AGAIN_MS;
    return { clientUuid: client, refused: window.refused, refusedBytes: window.refusedBytes };
  }

  /** A reader of ours stood still: after a long time, what piled up at the broker is nobody's flood. */
  stalled(stallMs: number, nowMs: number): void {
    if (stallMs >= LONG_STALL_MS) this.#excusedUntilMs = nowMs + EXCUSED_MS;
  }

  /** Forgets clients of which nothing is refused any more. */
  sweep(nowMs: number): void {
    for (const [client, { startedAtMs, quietUntilMs }] of this.#clients)
      if (nowMs >= startedAtMs + WINDOW_MS && nowMs >= quietUntilMs) this.#clients.delete(client);
  }

  #windowOf(client: string, nowMs: number): Window | undefined {
    const known = this.#clients.get(client);
    if (known === undefined) {
      if (this.#clients.size >= MAX_WATCHED) return undefined;
      const fresh = {
        startedAtMs: nowMs,
        refused: 0,
        refusedBytes: 0,
        quietUntilMs: Number.NEGATIVE_INFINITY,
      };
      this.#clients.set(client, fresh);
      return fresh;
    }
    if (nowMs - known.startedAtMs < WINDOW_MS) return known;
    known.startedAtMs = nowMs;
    known.refused = 0;
    known.refusedBytes = 0;
    return known;
  }
}
