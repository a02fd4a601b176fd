import type { HealthSample } from '../api/api-types.ts';

export const METRICS = ['cpu_percent', 'memory_percent', 'temperature_c', 'mqtt_reconnect_count'] as const;
export type Metric = (typeof METRICS)[number];

/** Times in seconds since the epoch, and one value for each; `null` where the line is broken. */
export interface Series {
  readonly times: number[];
  readonly values: (number | null)[];
}

/** A pause longer than so many usual ones is a gap. */
const GAP_FACTOR = 3.5;
const MIN_GAP_SECONDS = 10;
/** So many pauses on either side tell what is usual there. */
const NEIGHBOURS = 5;

/** The samples as a line that is broken where the screen was silent. Samples are oldest first. Pure. */
export function seriesOf(samples: readonly HealthSample[], metric: Metric): Series {
  const times = samples.map(({ at }) => Date.parse(at) / 1000);
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const series: Series = { times: [], values: [] };
  for (const [index, sample] of samples.entries()) {
    const time = times[index] ?? 0;
    const before = times[index - 1];
    if (before !== undefined && time - before > longestPause(pauses, index - 1)) {
      series.times.push(before + (time - before) / 2);
      series.values.push(null);
    }
    series.times.push(time);
    series.values.push(sample[metric]);
  }
  return series;
}

/**
 * What is no gap yet, by the pauses on both sides: a screen may have been told to report more often in between, and the
 * slower half is no row of gaps then.
 */
function longestPause(pauses: readonly number[], index: number): number {
  const before = pauses.slice(Math.max(0, index - NEIGHBOURS), index);
  const after = pauses.slice(index + 1, index + 1 + NEIGHBOURS);
  if (before.length + after.length === 0) return Number.POSITIVE_INFINITY;
  return Math.max(MIN_GAP_SECONDS, GAP_FACTOR * Math.max(median(before), median(after)));
}

function median(pauses: readonly number[]): number {
  return pauses.toSorted((left, right) => left - right)[Math.floor(pauses.length / 2)] ?? 0;
}

export interface Summary {
  /** Start of the stretch, in milliseconds since the epoch. */
  readonly from: number;
  readonly samples: number;
  readonly low: number | null;
  readonly mean: number | null;
  readonly high: number | null;
}

/** What a chart shows, as numbers: one row for each stretch of `seconds` in which there was a sample. Pure. */
export function summaries(samples: readonly HealthSample[], metric: Metric, seconds: number): Summary[] {
  const stretches = new Map<number, number[]>();
  for (const sample of samples) {
    const from = Math.floor(Date.parse(sample.at) / 1000 / seconds) * seconds * 1000;
    const values = stretches.get(from) ?? [];
    stretches.set(from, values);
    const value = sample[metric];
    if (value !== null) values.push(value);
  }
  return [...stretches].map(([from, values]) => ({
    from,
    samples: values.length,
    low: values.length === 0 ? null : Math.min(...values),
    mean: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
    high: values.length === 0 ? null : Math.max(...values),
  }));
}
