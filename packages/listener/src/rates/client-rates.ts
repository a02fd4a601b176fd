import type { Logger, Metrics, ReceivedMessage } from '@infoscreen/service-kit';
import type { Rejection } from '../rejections/rejection-book.ts';
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
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * How much each client may send, in one replica. Decided by the topic alone, before anything of the payload is read, so
 * that what is refused costs next to nothing. A client sends what was refused again in its telemetry: results of commands in
 * `recent_results`, open failures in `failed_units`.
 */
export class ClientRates {
  readonly #buckets: Readonly<Record<MessageClass, TokenBuckets>>;
  readonly #episodes: RateEpisodes;

  constructor({ perSecond, burst, logger, metrics }: ClientRatesOptions) {
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
   * Whether the message is within the rate of its source. What the broker sends a second time, or had kept for a new
   * subscription, always is: how often that happens is not up to the client, and an earlier copy may not be stored yet.
   */
  admits(
    { messageClass, key }: MessageSource,
    { dup, retain }: Pick<ReceivedMessage, 'dup' | 'retain'>,
  ): boolean {
    if (messageClass === undefined || dup || retain) return true;
    if (this.#buckets[messageClass].take(key, performance.now())) return true;
    this.noteRefused({ messageClass, key });
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
  noteRefused({ messageClass, key }: Pick<MessageSource, 'messageClass' | 'key'>): void {
    if (messageClass !== undefined) this.#episodes.refused(messageClass, key, performance.now());
  }

  /** To be called every few seconds. */
  sweep(): void {
    this.#episodes.sweep(performance.now());
  }
}
