import { setTimeout as pause } from 'node:timers/promises';

/**
 * Calls `look` until it returns something other than `undefined`, or the time is over.
 * @returns what it returned, or `undefined` when the time was over
 */
export async function until(look, { withinMs, everyMs = 250 }) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || Date.now() >= deadline) return seen;
    await pause(Math.min(everyMs, Math.max(deadline - Date.now(), 0)));
  }
}

/** Seconds as people read them. */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
}
