import type { Sample } from './take-sample.ts';

/**
 * A series is flat when its level in the last fifth of the run is no higher than in the second fifth, plus a bound. The
 * first fifth is warm-up: code is compiled and caches fill. The level of memory is the smallest reading, which is what a
 * collection leaves; of anything else it is the median.
 */
export interface SeriesVerdict {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly max: number;
  /** Least squares over all but the first fifth. */
  readonly perMinute: number;
  readonly bound: number;
  readonly isFlat: boolean;
}

/**
 * Growth that still passes. The memory of a Node process moves by some tens of MB with the time of its collections; a
 * leak of 1 kB per message would be 30 MB at a thousand screens in ten minutes. Pools open connections as they need them,
 * up to their size; the number of connections to the broker is fixed.
 */
const BOUNDS: readonly (readonly [RegExp, number])[] = [
  [/^broker rss_mb$/, 10],
  [/rss_mb$/, 40],
  [/heap_mb$/, 15],
  [/^broker connections$/, 0],
  [/^broker stored_messages$/, 100],
  [/open_fds$|handles$|^postgres connections$/, 8],
  [/telemetry_waiting$/, 50],
  [/not_published$/, 5],
];

export function judgeSeries(samples: readonly Sample[]): SeriesVerdict[] {
  const names = Object.keys(samples.at(-1)?.values ?? {});
  return names.map((name) => {
    const points = samples.flatMap(({ atSeconds, values }) => {
      const value = values[name];
      return value === undefined ? [] : [{ atSeconds, value }];
    });
    const fifth = Math.max(1, Math.floor(points.length / 5));
    const level = name.endsWith('_mb') ? smallest : median;
    const first = level(points.slice(fifth, 2 * fifth).map(({ value }) => value));
    const last = level(points.slice(-fifth).map(({ value }) => value));
    const bound = BOUNDS.find(([pattern]) => pattern.test(name))?.[1] ?? 0;
    return {
      name,
      first,
      last,
      max: Math.max(...points.map(({ value }) => value)),
      perMinute: slope(points.slice(fifth)) * 60,
      bound,
      isFlat: last <= first + bound,
    };
  });
}

const smallest = (values: readonly number[]) => Math.min(...values);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [below = 0, above = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (below + above) / 2;
}

/** Per second. */
function slope(points: readonly { readonly atSeconds: number; readonly value: number }[]): number {
  const mean = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const meanAt = mean(({ atSeconds }) => atSeconds);
  const meanValue = mean(({ value }) => value);
  const spread = mean(({ atSeconds }) => (atSeconds - meanAt) ** 2);
  return spread === 0 ? 0 : mean((point) => (point.atSeconds - meanAt) * (point.value - meanValue)) / spread;
}
