import { resultOf, spreadOf, togetherOf } from '@infoscreen/bench';
import { describe, expect, it } from '@jest/globals';

describe('the report of a benchmark', () => {
  const title = 'one against the other';

  it('tells the median, the smallest and the largest of the runs', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  it('judges a target by the median of its ratio', () => {
    const runs = [0.7, 0.9, 0.81].map((ratio) => ({ figures: { 'a/s': 1 }, ratios: { 'a : b': ratio } }));
    const judge = (target: { atLeast?: number; atMost?: number }) =>
      resultOf({ name: 'one', title, targets: [{ ratio: 'a : b', ...target }] }, runs).targets[0]?.isReached;
    expect(judge({ atLeast: 0.81 })).toBe(true);
    expect(judge({ atLeast: 0.82 })).toBe(false);
    expect(judge({ atMost: 0.81 })).toBe(true);
    expect(judge({ atMost: 0.8 })).toBe(false);
  });

  it('refuses a target of a ratio that was never measured', () => {
    const missing = { name: 'one', title, targets: [{ ratio: 'b : a', atLeast: 1 }] };
    expect(() => resultOf(missing, [{ figures: {}, ratios: { 'a : b': 1 } }])).toThrow('"b : a"');
  });

  it('tells of loads that took turns as of one each', () => {
    const parts = [
      { requestsPerSecond: 100, latencies: [1, 5] },
      { requestsPerSecond: 300, latencies: [2, 3, 4] },
    ];
    expect(togetherOf(parts)).toEqual({ requestsPerSecond: 200, latencies: [1, 2, 3, 4, 5] });
  });
});
