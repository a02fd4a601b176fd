import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';
import { seedCommandHistory } from './seed-commands.ts';
import { seedFailure, seedHealth, seedPast, seedRecoveries, seedScreens } from './seed-fleet.ts';

const FOLDER = fileURLToPath(new URL('../../../../docs/images/', import.meta.url));
const WIDTHS = [
  ['wide', { width: 1440, height: 900 }],
  ['narrow', { width: 360, height: 740 }],
] as const;
/** A picture that is longer than this says nothing more, in CSS pixels. */
const MAX_HEIGHT = 1300;

// `npm run screenshots`: each view at both widths, to look at and for the documentation.
describeInBrowser('pictures', () => {
  const at = useBrowser({ settings: { HEARTBEAT_GRACE_SECONDS: '3600' } });
  let uuid = '';

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    // Its measurements are those of the seed: the simulated ones jump about.
    const screen = await at.fleet.addScreen({
      hostname: 'Foyer-Haupteingang',
      appVersion: '4.2.1',
      healthIntervalSeconds: 3600,
    });
    uuid = screen.uuid;
    await seedScreens(at.fleet, 400);
    await seedHealth(at.fleet, uuid);
    await seedRecoveries(at.fleet);
    const { json } = await at.fleet.admin.call('GET', '/api/clients?text=Mensa-0&limit=5');
    const [first, second, ...others] = json.items.map((item: { uuid: string }) => item.uuid);
    await seedFailure(at.fleet, { uuid: first, unit: 'infoscreen-player.service', minutesAgo: 12 });
    await seedFailure(at.fleet, { uuid: second, unit: 'display-manager.service', minutesAgo: 190 });
    await seedFailure(at.fleet, { uuid, unit: 'infoscreen-watchdog.service', minutesAgo: 55 });
    await at.fleet.admin.call('POST', `/api/clients/${uuid}/clear_service_failed`, {});
    await seedCommandHistory(at.fleet, [uuid, second, ...others]);
    await at.fleet.admin.call('POST', `/api/clients/${uuid}/restart_app`, { reason: 'Bild stand still' });
    await seedPast(at.fleet, uuid);
    await at.fleet.admin.call('POST', '/api/users', { username: 'hausmeister', role: 'admin' });
    await at.fleet.admin.call('POST', '/api/tokens', { name: 'Nachtbericht', role: 'viewer' });
  }, 60_000);

  const picture = async (page: Page, name: string) => {
    await page.waitForLoadState('networkidle').catch(() => {});
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
    const { width, height } = await page.evaluate(() => ({
      width: document.documentElement.clientWidth,
      height: document.documentElement.scrollHeight,
    }));
    await page.screenshot({
      path: `${FOLDER}${name}.png`,
      fullPage: true,
      clip: { x: 0, y: 0, width, height: Math.min(height, MAX_HEIGHT) },
    });
  };

  it.each(WIDTHS)(
    'of every view: %s',
    async (name, viewport) => {
      const entry = await at.open({ viewport });
      await entry.goto('/');
      await entry.getByLabel('Benutzername').waitFor();
      await picture(entry, `log-in-${name}`);
      const page = await at.openLoggedIn('/', { viewport });
      await page.getByText('Dienste ausgefallen').waitFor();
      await picture(page, `overview-${name}`);
      await page.goto('/screens');
      await page.getByRole('row').nth(5).waitFor();
      await picture(page, `screens-${name}`);
      await page.goto(`/screens/${uuid}`);
      await page.locator('canvas').first().waitFor();
      await picture(page, `screen-${name}`);
      await page.getByRole('button', { name: 'Herunterfahren' }).click();
      await page.getByRole('dialog').waitFor();
      await page.screenshot({ path: `${FOLDER}shut-down-${name}.png` });
      await page.goto('/commands');
      const command = page.getByRole('listitem').filter({ hasText: 'Bild flackert seit dem Morgen' });
      await command.first().getByRole('button', { name: 'Verlauf' }).click();
      await page.locator('.steps').waitFor();
      await picture(page, `commands-${name}`);
      for (const view of ['audit', 'users', 'account']) {
        await page.goto(`/${view}`);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await picture(page, `${view}-${name}`);
      }
    },
    120_000,
  );

  it('of the overview and of one screen in the dark', async () => {
    const page = await at.openLoggedIn('/', {
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
      locale: 'en-GB',
    });
    await page.getByText('services failed').waitFor();
    await picture(page, 'overview-dark');
    await page.goto(`/screens/${uuid}`);
    await page.locator('canvas').first().waitFor();
    await picture(page, 'screen-dark');
  }, 60_000);
});
