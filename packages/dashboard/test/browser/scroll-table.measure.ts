import { beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';
import { scrollTable } from './scroll-table.ts';
import { seedScreens } from './seed-fleet.ts';

const SCREENS = 10_000;
/** Frames of a scrolling table may be so much longer than those of a page at rest, at p95. */
const LIMIT = 3;

// Part of `npm run measure-page`: a ratio to what the same browser does at rest, in the same run.
describeInBrowser(`a table of ${SCREENS} screens`, () => {
  const at = useBrowser({ settings: { HEARTBEAT_GRACE_SECONDS: '3600' } });
  beforeAll(() => seedScreens(at.fleet, SCREENS), 60_000);

  it(`scrolls with frames less than ${LIMIT} times as long as at rest, at p95`, async () => {
    const page = await at.openLoggedIn('/screens');
    await page.getByText('10.000 Bildschirme').waitFor();
    const { idle, scrolling } = await scrollTable(page);
    const p95 = (frames: readonly number[]) => frames[Math.floor(frames.length * 0.95)] ?? 0;
    process.stdout.write(
      `frames at p95: ${p95(idle).toFixed(1)} ms at rest, ${p95(scrolling).toFixed(1)} ms scrolling\n`,
    );
    expect(p95(scrolling) / p95(idle)).toBeLessThan(LIMIT);
  }, 90_000);
});
