export interface Bounds {
  /** Items that are worked on at the same time, at most. */
  readonly concurrency: number;
  /** When aborted, nothing more is begun. */
  readonly stopping?: AbortSignal;
}

/** Begins the items in their order. @returns the results, in the order in which they came */
export async function forEachBounded<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  { concurrency, stopping }: Bounds,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) {
      if (stopping?.aborted === true) return;
      results.push(await work(item));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}
