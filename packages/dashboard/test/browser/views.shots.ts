import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';
import { seedFailure, seedHealth, seedScreens } from './seed-fleet.ts';

const FOLDER = fileURLToPath(new URL('../../../../docs/images/', import.meta.url));
const WIDTHS = [
  ['wide', { width: 1440, height: 900 }],
  ['narrow', { width: 360, height: 740 }],
] as const;

// `npm run screenshots`: each view at both widths, to look at and for the documentation.
describeInBrowser('pictures', () => {
  const at = useBrowser({ settings: { HEARTBEAT_GRACE_SECONDS: '3600' } });
  let uuid = '';

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    const screen = await at.fleet.addScreen({ hostname: 'Foyer-Haupteingang', appVersion: '4.2.1' });
    uuid = screen.uuid;
    await at.fleet.admin.call('POST', `/api/clients/${uuid}/restart_app`, { reason: 'Bild stand still' });
    await seedScreens(at.fleet, 400);
    await seedHealth(at.fleet, uuid);
    const { json } = await at.fleet.admin.call('GET', '/api/clients?text=Mensa-0&limit=2');
    await seedFailure(at.fleet, {
      uuid: json.items[0].uuid,
      unit: 'infoscreen-player.service',
      minutesAgo: 12,
    });
    await seedFailure(at.fleet, {
      uuid: json.items[1].uuid,
      unit: 'display-manager.service',
      minutesAgo: 190,
    });
    await seedFailure(at.fleet, { uuid, unit: 'infoscreen-watchdog.service', minutesAgo: 55 });
    await at.fleet.admin.call('POST', `/api/clients/${uuid}/clear_service_failed`, {});
    await at.fleet.admin.call('POST', '/api/users', { username: 'hausmeister', role: 'admin' });
    await at.fleet.admin.call('POST', '/api/tokens', { name: 'Nachtbericht', role: 'viewer' });
  }, 60_000);

  const picture = async (page: Page, name: string) => {
    await page.waitForLoadState('networkidle').catch(() => {});
    await page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: name.includes('narrow') });
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
      for (const view of ['commands', 'audit', 'users', 'account']) {
        await page.goto(`/${view}`);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await picture(page, `${view}-${name}`);
      }
    },
    120_000,
  );

  it('of the overview in the dark', async () => {
    const page = await at.openLoggedIn('/', {
      viewport: { width: 1440, height: 900 },
      colorScheme: 'dark',
      locale: 'en-GB',
    });
    await page.getByText('services failed').waitFor();
    await picture(page, 'overview-dark');
  });
});
