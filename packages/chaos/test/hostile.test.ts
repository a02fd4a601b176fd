import { describe, expect, it } from '@jest/globals';
import { HOSTILE_CATEGORIES } from '../src/fuzz/hostile/hostile-values.ts';
import { runHostile } from '../src/fuzz/hostile/run-hostile.ts';

describe('hostile requests', () => {
  it('of every kind, to every operation, as nobody and as a superadmin, meet no server error and do no damage', async () => {
    const report = await runHostile({ every: 7 });
    expect(report.problems).toEqual([]);
    expect(report.requests).toBeGreaterThanOrEqual(2000);
    const fewest = 2 * report.operations;
    expect(Object.keys(report.byCategory).toSorted()).toEqual([...HOSTILE_CATEGORIES].toSorted());
    for (const [category, sent] of Object.entries(report.byCategory))
      expect({ category, isEnough: sent >= Math.min(fewest, 50) }).toEqual({ category, isEnough: true });
    const statuses = Object.keys({ ...report.statuses, ...report.rawStatuses }).map(Number);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
  }, 240_000);
});
