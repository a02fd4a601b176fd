/** Of some requests, in ms; 0 of none. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
}

export function latenciesOf(times: readonly number[]): Latencies {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: times.length, p50: rounded(at(0.5)), p95: rounded(at(0.95)) };
}

const rounded = (value: number) => Math.round(value * 10) / 10;
