export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Pure. @throws when there is nothing to tell of */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), min: quantile(sorted, 0), max: quantile(sorted, 1) };
}

/** @param sorted ascending @param share 0 to 1; between two values the mean of both counts. @throws when it is empty */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  if (low === undefined || high === undefined) throw new Error('there is no quantile of no values');
  return low + (high - low) * (at - Math.floor(at));
}
