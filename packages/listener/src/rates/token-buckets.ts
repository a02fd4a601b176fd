export interface TokenBucketsOptions {
  /** Messages per second that a source may send for ever. */
  readonly perSecond: number;
  /** Messages that it may send at once after a silence. */
  readonly burst: number;
  /** Sources that are told apart at a time; further ones share one bucket. */
  readonly maxSources: number;
}

/** Of the oldest sources that are looked at for each new one, so that forgetting costs the same at every size. */
const LOOKED_AT = 4;
/** What sums of fractions of a millisecond may be off. */
const ROUNDING_MS = 1e-3;
const OVERFLOW = Symbol('sources beyond the maximum');

/**
 * A token bucket per source. In any `t` seconds a source gets at most `burst + perSecond * t` messages in, and one that
 * keeps to `perSecond` gets in all of them.
 *
 * A bucket is one number: when it will be full again. A full one is like one that was never used, and only such are
 * forgotten; while none is full, new sources share one bucket. So nobody gets a fresh bucket by making up further sources.
 */
export class TokenBuckets {
  readonly #fullAt = new Map<string | typeof OVERFLOW, number>();
  readonly #msPerToken: number;
  readonly #capacityMs: number;
  readonly #maxSources: number;

  constructor({ perSecond, burst, maxSources }: TokenBucketsOptions) {
    this.#msPerToken = 1000 / perSecond;
    this.#capacityMs = burst * this.#msPerToken + ROUNDING_MS;
    this.#maxSources = maxSources;
  }

  /** Sources that are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Whether there is no token for the source now. Takes none, and remembers nothing. */
  isEmpty(source: string, nowMs: number): boolean {
    const fullAt = this.#fullAt.get(source) ?? (this.#hasRoom ? undefined : this.#fullAt.get(OVERFLOW));
    return fullAt !== undefined && fullAt - nowMs + this.#msPerToken > this.#capacityMs;
  }

  /** Takes a token, where there is one. @param nowMs of a clock that never goes back */
  take(source: string, nowMs: number): boolean {
    const known = this.#fullAt.get(source);
    const key = known === undefined ? this.#keyOfNew(source, nowMs) : source;
    const fullAt = Math.max(known ?? this.#fullAt.get(key) ?? nowMs, nowMs) + this.#msPerToken;
    if (fullAt - nowMs > this.#capacityMs) return false;
    this.#fullAt.set(key, fullAt);
    return true;
  }

  get #hasRoom(): boolean {
    return this.#fullAt.size < this.#maxSources;
  }

  #keyOfNew(source: string, nowMs: number): string | typeof OVERFLOW {
    // Sources that come and go and come again aren't worth being forgotten before room is needed.
    if (this.#fullAt.size >= this.#maxSources / 2) this.#forgetFull(nowMs);
    return this.#hasRoom ? source : OVERFLOW;
  }

  /** Looks at the oldest ones, and puts those that are still in use behind all others. */
  #forgetFull(nowMs: number): void {
    let looked = 0;
    for (const [key, fullAt] of this.#fullAt) {
      if (looked === LOOKED_AT) return;
      looked += 1;
      this.#fullAt.delete(key);
      if (fullAt > nowMs) this.#fullAt.set(key, fullAt);
    }
  }
}
