import type { Logger, Metrics, ReceivedMessage } from '@infoscreen/service-kit';
import type { Rejection } from '../rejections/rejection-book.ts';
import { type Flood, FloodWatch } from './flood-watch.ts';
import type { MessageClass, MessageSource } from './message-source.ts';
import { RateEpisodes } from './rate-episodes.ts';
import { TokenBuckets } from './token-buckets.ts';

const MAX_SOURCES = 50_000;
/** The alias is one source for all older agents together. */
const ALIAS_FACTOR = 4;

export const RATE_LIMITED: Rejection = {
  reason: 'rate_limited',
  detail: 'more messages than one client may send',
};

export interface ClientRatesOptions {
  /** `CLIENT_MESSAGES_PER_SECOND`, of each class of messages. */
  readonly perSecond: number;
  /** `CLIENT_MESSAGE_BURST`, the same. */
  readonly burst: number;
  /** A client's surplus is far beyond what any agent sends. */
  readonly onFlood: (flood: Flood) => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What tells how much a message costs the broker. */
export interface Surplus {
  readonly bytes: number;
  /** It came just now, and not from what the broker had kept while nobody read. */
  readonly isLive: boolean;
}

/**
 * How much each client may send, in one replica. Decided by the topic alone, before anything of the payload is read, so
 * that what is refused costs next to nothing. A client sends what was refused again in its telemetry: results of commands in
 * `recent_results`, open failures in `failed_units`.
 */
export class ClientRates {
  readonly #buckets: Readonly<Record<MessageClass, TokenBuckets>>;
  readonly #episodes: RateEpisodes;
  readonly #floods = new FloodWatch();
  readonly #onFlood: (flood: Flood) => void;

  constructor({ perSecond, burst, onFlood, logger, metrics }: ClientRatesOptions) {
    this.#onFlood = onFlood;
    const buckets = (factor = 1) =>
      new TokenBuckets({ perSecond: perSecond * factor, burst: burst * factor, maxSources: MAX_SOURCES });
    this.#buckets = {
      report: buckets(),
      session: buckets(),
      telemetry: buckets(),
      alias: buckets(ALIAS_FACTOR),
      unknown: buckets(),
    };
    this.#episodes = new RateEpisodes(logger);
    metrics.gauge(
      'infoscreen_rate_limited_sources',
      'Sources of messages of which the surplus is refused now.',
      [],
      (gauge) => gauge.set(this.#episodes.size),
    );
  }

  /** Clients that are being limited; a few, where they are many. */
  get limitedClients(): readonly string[] {
    return this.#episodes.clients;
  }

  /**
   * Whether the message is within the rate of its source; where not, it is noted as refused. What the broker sends a second time, or had kept for a new
   * subscription, always is: how often that happens is not up to the client, and an earlier copy may not be stored yet.
   */
  admits(
    { messageClass, key }: MessageSource,
    { dup, retain }: Pick<ReceivedMessage, 'dup' | 'retain'>,
    surplus: Surplus,
  ): boolean {
    if (messageClass === undefined || dup || retain) return true;
    if (this.#buckets[messageClass].take(key, performance.now())) return true;
    this.noteRefused({ messageClass, key }, surplus);
    return false;
  }

  /** Whether `admits` would refuse the message; takes nothing. */
  refuses(
    { messageClass, key }: MessageSource,
    { dup, retain }: Pick<ReceivedMessage, 'dup' | 'retain'>,
  ): boolean {
    if (messageClass === undefined || dup || retain) return false;
    return this.#buckets[messageClass].isEmpty(key, performance.now());
  }

  /** One of the source was refused, whatever the limit was. */
  noteRefused(
    { messageClass, key }: Pick<MessageSource, 'messageClass' | 'key'>,
    { bytes, isLive }: Surplus,
  ): void {
    if (messageClass === undefined) return;
    const now = performance.now();
    this.#episodes.refused(messageClass, key, now);
    const flood = isLive ? this.#floods.refused({ messageClass, client: key, bytes }, now) : undefined;
    if (flood !== undefined) this.#onFlood(flood);
  }

  /** Messages weren't read for so long because there was no room for them: what comes now was sent meanwhile. */
  noteStall(stallMs: number): void {
    this.#floods.stalled(stallMs, performance.now());
  }

  /** To be called every few seconds. */
  sweep(): void {
    const now = performance.now();
    this.#episodes.sweep(now);
    this.#floods.sweep(now);
  }
}
