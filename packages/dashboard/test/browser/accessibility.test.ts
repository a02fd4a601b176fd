import { AxeBuilder } from '@axe-core/playwright';
import { beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';
import { seedFailure, seedHealth, seedScreens } from './seed-fleet.ts';

const VIEWS = ['/', '/screens', '/screen', '/commands', '/audit', '/users', '/account', '/no/such/view'];
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

describeInBrowser('every view', () => {
  const at = useBrowser({ settings: { HEARTBEAT_GRACE_SECONDS: '3600' } });
  let uuid = '';
  beforeAll(async () => {
    await seedScreens(at.fleet, 300);
    const { json } = await at.fleet.admin.call('GET', '/api/clients?limit=1');
    uuid = json.items[0].uuid;
    await seedHealth(at.fleet, uuid);
    await seedFailure(at.fleet, { uuid, unit: 'player.service', minutesAgo: 3 });
    await at.fleet.admin.call('POST', `/api/clients/${uuid}/restart_app`, { reason: 'for the test' });
  }, 60_000);

  const show = async (page: Page, view: string) => {
    await page.goto(view === '/screen' ? `/screens/${uuid}` : view);
    // Before it is known who asks, the page has another heading.
    await page.getByRole('navigation').first().waitFor();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  };
  const violations = async (page: Page) => {
    const { violations: found } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    return found
      .filter(({ impact }) => impact !== 'minor')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
  };

  it.each([
    ['light', 'de-DE'],
    ['dark', 'en-GB'],
  ] as const)(
    'has nothing that keeps people out: %s, %s',
    async (colorScheme, locale) => {
      const entry = await at.open({ colorScheme, locale });
      await entry.goto('/');
      await entry.getByRole('heading', { level: 1 }).waitFor();
      expect(await violations(entry)).toEqual([]);
      const page = await at.openLoggedIn('/', { colorScheme, locale });
      for (const view of VIEWS) {
        await show(page, view);
        expect([view, await violations(page)]).toEqual([view, []]);
      }
      await show(page, '/screen');
      await page.getByRole('button', { name: /^(Herunterfahren|Shut down)$/ }).click();
      await page.getByRole('dialog').waitFor();
      expect(await violations(page)).toEqual([]);
      expect(at.errors).toEqual([]);
    },
    120_000,
  );

  it('is usable at 360 px, which is also 200 % of 720: nothing sticks out to the side', async () => {
    const page = await at.openLoggedIn('/', { viewport: { width: 360, height: 740 } });
    for (const view of VIEWS) {
      await show(page, view);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect([view, width]).toEqual([view, 360]);
    }
  }, 60_000);

  it.each([1440, 720, 360])(
    'has the charts as tables that fit, too: %d px',
    async (width) => {
      const page = await at.openLoggedIn('/', { viewport: { width, height: 740 } });
      await show(page, '/screen');
      await page.getByRole('button', { name: 'Als Tabelle' }).click();
      await page.getByRole('table').nth(3).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    },
    60_000,
  );

  it('is reached by keyboard alone: skip link, search, row, view of the screen', async () => {
    const page = await at.openLoggedIn('/screens');
    await page.getByRole('row').nth(3).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Zum Inhalt');
    await page.keyboard.press('/');
    await page.keyboard.type('Mensa-0001');
    await page.getByText('1 Bildschirm', { exact: true }).waitFor();
    expect(page.url()).toMatch(/text=Mensa-0001$/);
    await page.getByRole('link', { name: 'Mensa-0001' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Mensa-0001' }).waitFor();
    await page.goBack();
    await page.getByText('1 Bildschirm', { exact: true }).waitFor();
  }, 60_000);
});
