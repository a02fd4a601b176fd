import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { laneOf } from '../../src/index.ts';

describe('the lane of a client', () => {
  // Replicas of different versions run side by side: were one of these to change, two of them would hold one client.
  it.each([
    ['00000000-0000-0000-0000-000000000000', 1],
    ['0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b', 0],
    ['11111111-2222-4333-8444-555555555555', 2],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 1],
  ])('never changes: %s of 4 is %d', (uuid, lane) => {
    expect(laneOf(uuid, 4)).toBe(lane);
  });

  it('is one of the lanes that there are', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 64 }), (uuid, laneCount) => {
        const lane = laneOf(uuid, laneCount);
        expect(Number.isInteger(lane) && lane >= 0 && lane < laneCount).toBe(true);
      }),
    );
  });

  it.each([2, 4, 7, 16])('spreads 10,000 clients evenly over %d lanes', (laneCount) => {
    const sizes = Array.from({ length: laneCount }, () => 0);
    for (const uuid of uuids(10_000)) {
      const lane = laneOf(uuid, laneCount);
      sizes[lane] = (sizes[lane] ?? 0) + 1;
    }
    const even = 10_000 / laneCount;
    for (const size of sizes) expect(Math.abs(size - even)).toBeLessThan(even * 0.15);
  });
});

/** The same UUIDs in every run. */
function uuids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const hex = createHash('sha256').update(String(index)).digest('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
      '-',
    );
  });
}
