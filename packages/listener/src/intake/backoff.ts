import { setTimeout as delay } from 'node:timers/promises';

const FIRST_MS = 100;
const LONGEST_MS = 5000;

/** The pause before the next try at the database: longer after each failure. Ends at once when `signal` does. */
export async function backoff(failures: number, signal: AbortSignal): Promise<void> {
  const pauseMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  await delay(pauseMs, undefined, { signal }).catch(() => {});
}
