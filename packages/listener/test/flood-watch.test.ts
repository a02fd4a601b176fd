import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FloodWatch } from '../src/rates/flood-watch.ts';
import type { MessageClass } from '../src/rates/message-source.ts';
import { TokenBuckets } from '../src/rates/token-buckets.ts';

const CLASSES = ['report', 'session', 'telemetry'] as const;
const PER_SECOND = 10;
const BURST = 250;
const KIB = 1024;

/** Times of messages within the rate and the burst: what one may send in `seconds` from a silence on, in pieces. */
const withinTheRate = fc
  .array(
    fc.record({ gapMs: fc.integer({ min: 0, max: 20_000 }), wanted: fc.integer({ min: 1, max: 400 }) }),
    {
      maxLength: 12,
    },
  )
  .map((pieces) => {
    let atMs = 0;
    let tokens = BURST;
    return pieces.flatMap(({ gapMs, wanted }) => {
      atMs += gapMs;
      tokens = Math.min(BURST, tokens + (gapMs / 1000) * PER_SECOND);
      const count = Math.min(wanted, Math.floor(tokens));
      tokens -= count;
      return Array.from({ length: count }, () => atMs);
    });
  });

const refuse = (
  watch: FloodWatch,
  { count, bytes, nowMs, client = 'a' }: { count: number; bytes: number; nowMs: number; client?: string },
) =>
  Array.from({ length: count }, () => watch.refused({ messageClass: 'report', client, bytes }, nowMs)).filter(
    (flood) => flood !== undefined,
  );

describe('a flood', () => {
  it('is nothing that an agent within its rates sends, in all classes, held up by the network for up to half a minute', () => {
    const stall = fc.record({ from: fc.nat(120_000), ms: fc.integer({ min: 1, max: 30_000 }) });
    fc.assert(
      fc.property(
        fc.tuple(withinTheRate, withinTheRate, withinTheRate),
        stall,
        fc.nat(8 * KIB),
        (sent, { from, ms }, bytes) => {
          const watch = new FloodWatch();
          const arrivals = sent
            .flatMap((times, index) =>
              times.map((at) => ({
                atMs: at >= from && at < from + ms ? from + ms : at,
                messageClass: CLASSES[index] as MessageClass,
              })),
            )
            .sort((a, b) => a.atMs - b.atMs);
          const buckets = new Map(
            CLASSES.map((name) => [
              name as MessageClass,
              new TokenBuckets({ perSecond: PER_SECOND, burst: BURST, maxSources: 10 }),
            ]),
          );
          for (const { atMs, messageClass } of arrivals) {
            if (buckets.get(messageClass)?.take('a', atMs) === true) continue;
            expect(watch.refused({ messageClass, client: 'a', bytes }, atMs)).toBeUndefined();
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is none in any series with at most 2,000 refused messages of 8 MiB in each second', () => {
    const seconds = fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 10 });
    fc.assert(
      fc.property(seconds, (counts) => {
        const watch = new FloodWatch();
        for (const [second, count] of counts.entries())
          expect(refuse(watch, { count, bytes: 4 * KIB, nowMs: second * 1000 })).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('is told once, with what was refused, as soon as a second has more', () => {
    const watch = new FloodWatch();
    const floods = refuse(watch, { count: 20_000, bytes: 100, nowMs: 5 });
    expect(floods).toEqual([{ clientUuid: 'a', refused: 2001, refusedBytes: 200_100 }]);
  });

  it('is told by its bytes as well', () => {
    const watch = new FloodWatch();
    const floods = refuse(watch, { count: 1000, bytes: 32 * KIB, nowMs: 5 });
    expect(floods).toEqual([{ clientUuid: 'a', refused: 257, refusedBytes: 257 * 32 * KIB }]);
  });

  it('is one of all classes together, and of each client by itself', () => {
    const watch = new FloodWatch();
    for (const client of ['a', 'b', 'c'])
      expect(refuse(watch, { count: 1000, bytes: 1, nowMs: 0, client })).toEqual([]);
    const telemetry = { messageClass: 'telemetry', client: 'a', bytes: 1 } as const;
    const told = Array.from({ length: 1001 }, () => watch.refused(telemetry, 1)).filter(Boolean);
    expect(told).toEqual([{ clientUuid: 'a', refused: 2001, refusedBytes: 2001 }]);
  });

  it('that goes on is told again after ten seconds', () => {
    const watch = new FloodWatch();
    const told = Array.from({ length: 21 }, (_, second) =>
      refuse(watch, { count: 3000, bytes: 1, nowMs: second * 1000 }).map(() => second),
    ).flat();
    expect(told).toEqual([0, 10, 20]);
  });

  it('is nobody’s for a minute after a stall of ours of half a minute or more, and is one after a short stall', () => {
    const watch = new FloodWatch();
    watch.stalled(30_000, 100_000);
    expect(refuse(watch, { count: 5000, bytes: 1, nowMs: 159_000 })).toEqual([]);
    expect(refuse(watch, { count: 5000, bytes: 1, nowMs: 160_000 })).toHaveLength(1);
    watch.stalled(29_999, 200_000);
    expect(refuse(watch, { count: 5000, bytes: 1, nowMs: 200_001 })).toHaveLength(1);
  });

  it('takes no memory for clients that are quiet again, nor for ever more of them', () => {
    const watch = new FloodWatch();
    for (let n = 0; n < 5000; n += 1) refuse(watch, { count: 1, bytes: 1, nowMs: 0, client: `${n}` });
    expect(watch.size).toBe(1000);
    refuse(watch, { count: 2500, bytes: 1, nowMs: 10, client: '1' });
    watch.sweep(5000);
    expect(watch.size).toBe(1);
    watch.sweep(10_010);
    expect(watch.size).toBe(0);
  });
});
