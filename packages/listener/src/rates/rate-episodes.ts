import type { Logger } from '@infoscreen/service-kit';
import { isUuid } from '@infoscreen/shared-types';
import type { MessageClass } from './message-source.ts';

/** An episode is over when nothing was refused for so long. */
const QUIET_MS = 30_000;
/** Episodes that are told of at a time; more are counted only. */
const MAX_OPEN = 1000;
const MAX_SHOWN = 10;

interface Episode {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly startedAtMs: number;
  lastAtMs: number;
  refused: number;
}

/** Logs the beginning and the end of a time in which a source sends more than is taken: one line each, however much it sends. */
export class RateEpisodes {
  readonly #logger: Logger;
  readonly #open = new Map<string, Episode>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Clients that are being limited; a few, where they are many. */
  get clients(): readonly string[] {
    const sources = [...this.#open.keys()].map((key) => key.slice(key.indexOf(' ') + 1));
    return [...new Set(sources.filter(isUuid))].slice(0, MAX_SHOWN);
  }

  refused(messageClass: MessageClass, source: string, nowMs: number): void {
    const key = `${messageClass} ${source}`;
    const known = this.#open.get(key);
    if (known !== undefined) {
      known.lastAtMs = nowMs;
      known.refused += 1;
      return;
    }
    if (this.#open.size >= MAX_OPEN) return;
    const fields = { messages: messageClass, ...(isUuid(source) ? { client_uuid: source } : { source }) };
    this.#open.set(key, { fields, startedAtMs: nowMs, lastAtMs: nowMs, refused: 1 });
    this.#logger.warn('messages come too fast, refusing the surplus', fields);
  }

  /** Ends the episodes that are over. */
  sweep(nowMs: number): void {
    for (const [key, { fields, startedAtMs, lastAtMs, refused }] of this.#open) {
      if (nowMs - lastAtMs < QUIET_MS) continue;
      this.#open.delete(key);
      const seconds = Math.round((lastAtMs - startedAtMs) / 1000);
      this.#logger.info('messages come at a fit rate again', { ...fields, refused, seconds });
    }
  }
}
