import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenBuckets } from '../src/rates/token-buckets.ts';

const limits = fc.record({
  perSecond: fc.integer({ min: 1, max: 1000 }),
  burst: fc.integer({ min: 1, max: 500 }),
});
/** Pauses between messages in milliseconds: many at once, and now and then a longer silence. */
const pauses = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 2000, noNaN: true })), {
  minLength: 1,
  maxLength: 600,
});
const START_MS = 1_000_000_000;

/** What any sum of fractions may be off by. */
const ROUNDING = 1e-2;

describe('token buckets', () => {
  it('let in at most the burst and the rate times the time, in any stretch of time', () => {
    fc.assert(
      fc.property(limits, pauses, ({ perSecond, burst }, waits) => {
        const buckets = new TokenBuckets({ perSecond, burst, maxSources: 10 });
        let now = START_MS;
        const admittedAt: number[] = [];
        for (const wait of waits) {
          now += wait;
          if (buckets.take('a', now)) admittedAt.push(now);
        }
        for (const [index, from] of admittedAt.entries()) {
          for (const [later, to] of admittedAt.slice(index).entries())
            expect(later + 1).toBeLessThanOrEqual(burst + (perSecond * (to - from)) / 1000 + ROUNDING);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('let in everything of a source that keeps to its rate, whatever others send', () => {
    fc.assert(
      fc.property(
        limits,
        fc.array(fc.double({ min: 1, max: 5, noNaN: true })),
        ({ perSecond, burst }, waits) => {
          const buckets = new TokenBuckets({ perSecond, burst, maxSources: 10 });
          let now = START_MS;
          for (const wait of waits) {
            now += (wait * 1000) / perSecond;
            for (let flood = 0; flood < 5; flood += 1) buckets.take('flooder', now);
            expect(buckets.take('quiet', now)).toBe(true);
          }
        },
      ),
    );
  });

  it('let in exactly the burst at one moment, and one more when its time has passed', () => {
    fc.assert(
      fc.property(limits, ({ perSecond, burst }) => {
        const buckets = new TokenBuckets({ perSecond, burst, maxSources: 10 });
        const taken = Array.from({ length: burst + 50 }, () => buckets.take('a', START_MS));
        expect(taken.filter(Boolean)).toHaveLength(burst);
        expect(buckets.take('a', START_MS + 1000 / perSecond + 1e-3)).toBe(true);
        expect(buckets.take('a', START_MS + 1000 / perSecond + 1e-3)).toBe(false);
      }),
    );
  });

  it('remember a bounded number of sources, and give nobody a fresh bucket for the sources that it makes up', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 5, maxSources: 100 });
    while (buckets.take('flooder', START_MS));
    let admitted = 0;
    for (let made = 0; made < 10_000; made += 1) {
      if (buckets.take(`made-up-${made}`, START_MS)) admitted += 1;
      expect(buckets.take('flooder', START_MS)).toBe(false);
    }
    // One each, as long as there was room for them, and then the one bucket that all others share.
    expect(admitted).toBe(99 + 5);
    expect(buckets.size).toBeLessThanOrEqual(101);
  });

  it('forget sources that have been silent, so that new ones find room', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 5, maxSources: 100 });
    for (let source = 0; source < 100; source += 1) buckets.take(`old-${source}`, START_MS);
    const later = START_MS + 1001;
    for (let source = 0; source < 100; source += 1) {
      expect(Array.from({ length: 5 }, () => buckets.take(`new-${source}`, later))).not.toContain(false);
    }
    expect(buckets.size).toBeLessThanOrEqual(101);
  });
});
