/** Waits `ms`, or until `signal` aborts, whichever is first; never rejects. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Waits until `promise` is settled either way, but at most `ms`; never rejects. */
export async function settledWithin(ms: number, promise: Promise<unknown>): Promise<void> {
  const timeUp = new AbortController();
  const settled = promise.then(
    () => timeUp.abort(),
    () => timeUp.abort(),
  );
  await Promise.race([settled, delay(ms, timeUp.signal)]);
  timeUp.abort();
}
