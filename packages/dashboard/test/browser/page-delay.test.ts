import { describe, expect, it } from '@jest/globals';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';
import { DELAY_SETTINGS, measurePageDelay } from './page-delay.ts';
import { delayFigures, delayLine } from './page-delay-figures.ts';

const COMMANDS = 22;
/** Both readings are cut to whole milliseconds. */
const ROUNDED_BY_MS = 1;

describeInBrowser("a screen's acknowledgement, the short form of `npm run measure-page`", () => {
  const at = useBrowser({ settings: DELAY_SETTINGS });

  it('comes to the page by the stream alone, each one; how soon is measured by one clock', async () => {
    const measured = await measurePageDelay(at, COMMANDS);
    process.stdout.write(`${delayLine(delayFigures([measured]))}\n`);
    const [least, most] = measured.clockAhead;
    expect(least).toBeLessThanOrEqual(ROUNDED_BY_MS);
    expect(most).toBeGreaterThanOrEqual(-ROUNDED_BY_MS);
    expect(measured.samples.length).toBeGreaterThanOrEqual(40);
    expect(measured.refusedIntervals).toBeGreaterThan(0);
    expect(measured.breaks).toBe(0);
    expect(measured.samples.filter(({ toldAt }) => toldAt === null)).toEqual([]);
    expect(at.errors).toEqual([]);
  }, 180_000);
});

describe('the figures of a delay', () => {
  it('are the times below which so many of a hundred lie', () => {
    const samples = Array.from({ length: 100 }, (_, n) => ({ committedAt: 7, shownAt: 107 - n, toldAt: 8 }));
    expect(delayFigures([{ samples, clockAhead: [0, 0], refusedIntervals: 0, breaks: 0 }])).toEqual({
      count: 100,
      p50: 50,
      p95: 95,
      max: 100,
    });
  });
});
