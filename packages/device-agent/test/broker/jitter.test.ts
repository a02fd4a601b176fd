import { describe, expect, it } from '@jest/globals';
import { backoffDelay, jitteredInterval } from '../../src/agent/jitter.ts';

const BACKOFF = { baseMs: 1_000, maxMs: 60_000 };

describe('the wait between two reports', () => {
  it('lies within 20 % of the interval', () => {
    expect(jitteredInterval(10_000, () => 0)).toBe(8_000);
    expect(jitteredInterval(10_000, () => 0.5)).toBe(10_000);
    expect(jitteredInterval(10_000, () => 0.999)).toBeLessThan(12_000);
  });
});

describe('the wait before a reconnect', () => {
  it('doubles its upper bound with every attempt, up to the limit', () => {
    const bounds = [0, 1, 2, 5, 6, 1_000].map((attempt) => backoffDelay(attempt, BACKOFF, () => 1));
    expect(bounds).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
  });

  it('can be anything below the bound, so that a fleet does not come back as one wave', () => {
    expect(backoffDelay(3, BACKOFF, () => 0)).toBe(0);
    expect(backoffDelay(3, BACKOFF, () => 0.25)).toBe(2_000);
  });
});
