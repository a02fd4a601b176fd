import type { PageDelay } from './page-delay.ts';

/** In milliseconds. */
export interface DelayFigures {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Pure; `NaN` where nothing was measured. */
export function delayFigures(measured: readonly PageDelay[]): DelayFigures {
  const delays = measured
    .flatMap(({ samples }) => samples.map(({ committedAt, shownAt }) => shownAt - committedAt))
    .toSorted((left, right) => left - right);
  const at = (share: number) => delays[Math.max(0, Math.ceil(share * delays.length) - 1)] ?? Number.NaN;
  return { count: delays.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}

export function delayLine({ count, p50, p95, max }: DelayFigures): string {
  return `from ${count} acknowledgements in the database to the page: p50 ${p50} ms, p95 ${p95} ms, max ${max} ms`;
}
