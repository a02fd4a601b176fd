/** Share by which an interval is spread to both sides, so that screens that started together don't stay in step. */
const INTERVAL_JITTER = 0.2;

/** `intervalMs` ± 20 %. @param random uniform in [0, 1) */
export function jitteredInterval(intervalMs: number, random: () => number): number {
  return intervalMs * (1 - INTERVAL_JITTER + 2 * INTERVAL_JITTER * random());
}

export interface Backoff {
  /** Upper bound of the first wait. */
  readonly baseMs: number;
  /** Upper bound of every wait. */
  readonly maxMs: number;
}

/** Exponential backoff with full jitter: uniform in [0, base · 2^attempt), so that a fleet doesn't come back as one wave. */
export function backoffDelay(attempt: number, { baseMs, maxMs }: Backoff, random: () => number): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
}
