import type { SimulatedScreen } from '@infoscreen/device-agent';
import { FIRST_ADMIN } from '@infoscreen/test-kit';
import { expect, it } from '@jest/globals';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';
import { HOSTILE_NAME } from './seed-fleet.ts';

/** What the page learns by asking comes with the next of its rounds at the latest. */
const A_ROUND_MS = 20_000;

describeInBrowser('an admin at the page', () => {
  const at = useBrowser();
  const commandsOf = async ({ uuid }: SimulatedScreen) =>
    (await at.fleet.admin.call('GET', `/api/clients/${uuid}/commands`)).json.items as {
      action: string;
      reason: string | null;
    }[];

  it('logs in, is told plainly when the password is wrong, and what to do while there is no screen', async () => {
    const page = await at.open();
    await page.goto('/');
    await page.getByLabel('Benutzername').fill(FIRST_ADMIN.username);
    await page.getByLabel('Passwort').fill('not the password');
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByText('Benutzername oder Passwort ist falsch').waitFor();
    await page.getByLabel('Passwort').and(page.locator(':focus')).waitFor();
    await page.getByLabel('Passwort').fill(FIRST_ADMIN.password);
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByRole('heading', { level: 1, name: 'Übersicht' }).waitFor();
    await page.getByText('Noch kein Bildschirm ist angemeldet.').waitFor();
    expect(at.errors).toEqual([]);
  });

  it('sees a screen that crashes, and why', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'foyer' });
    const page = await at.openLoggedIn('/');
    await page.getByText('Kein Bildschirm ist abgestürzt').waitFor();
    screen.crash();
    const crashed = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'foyer' }) });
    await crashed.getByText('Die App ist abgestürzt').waitFor({ timeout: A_ROUND_MS });
    await page.getByRole('link', { name: /^1\s*Abgestürzt$/ }).click();
    await page.getByRole('row').filter({ hasText: 'foyer' }).getByText('Abgestürzt').waitFor();
    expect(page.url()).toMatch(/\/screens\?status=crashed$/);
    await at.fleet.admin.call('DELETE', `/api/clients/${screen.uuid}`);
    await screen.stop();
  }, 60_000);

  it('sees since when a screen is as it is, in its head and in a column of the list', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'library' });
    const page = await at.openLoggedIn('/screens');
    expect(await page.getByRole('columnheader', { name: 'Seit' }).count()).toBe(0);
    await page.getByText('Spalten', { exact: true }).first().click();
    await page.getByLabel('Seit').check();
    const row = page.getByRole('row').filter({ hasText: 'library' });
    await row.locator('.cell-since time').waitFor({ timeout: A_ROUND_MS });
    await row.getByRole('link', { name: 'library' }).click();
    const head = page.locator('.state-now');
    await head.getByText('In Ordnung').waitFor();
    expect(await head.locator('time').getAttribute('title')).toMatch(/^\d\d\.\d\d\.\d{4}, /);
    screen.crash();
    await head.getByText('Abgestürzt').waitFor({ timeout: A_ROUND_MS });
    await head.getByText(/^seit \d+ Sekunden?$/).waitFor();
    await at.fleet.admin.call('DELETE', `/api/clients/${screen.uuid}`);
    await screen.stop();
  }, 90_000);

  it('acknowledges a failed service: it goes from the panel and stays away', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'canteen' });
    const page = await at.openLoggedIn('/account');
    const answered = page.waitForResponse('**/api/clients/service_failed*');
    await page.getByRole('link', { name: 'Übersicht' }).click();
    await answered;
    const panel = page.getByRole('region', { name: /ausgefallen/ });
    expect(await panel.count()).toBe(0);
    const failure = {
      unit: 'player.service',
      reason: 'exit-code',
      restarts: 3,
      failedAt: new Date().toISOString(),
    };
    screen.failService(failure);
    await panel.getByText('player.service').waitFor({ timeout: A_ROUND_MS });
    await page.getByText('Neuer Ausfall: player.service auf canteen.').waitFor({ state: 'attached' });
    await panel
      .getByRole('button', { name: 'Ausfall von player.service auf canteen quittieren' })
      .press('Enter');
    await panel.waitFor({ state: 'detached' });
    await page.locator('main:focus').waitFor();
    screen.failService(failure);
    const history = `/api/clients/${screen.uuid}`;
    expect((await at.fleet.admin.call('GET', history)).json.service_failed_unit).toBeNull();
    await page.reload();
    await page.getByRole('link', { name: /Insgesamt/ }).waitFor();
    expect(await panel.count()).toBe(0);
    await screen.stop();
  }, 60_000);

  it('reboots a screen and watches each step arrive, without reloading', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'gym' });
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`);
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
    await page.getByRole('button', { name: 'Gerät neu starten' }).click();
    const dialog = page.getByRole('dialog', { name: 'gym neu starten?' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Abbrechen');
    await dialog.getByLabel(/Grund/).fill('stands still');
    await dialog.getByRole('button', { name: 'Gerät neu starten' }).dblclick();
    await dialog.waitFor({ state: 'detached' });
    const steps = page.locator('.steps');
    // "Gesendet" is only there where the broker's word is stored before the screen's own.
    for (const step of ['Wartet', 'Wird gesendet', 'Bestätigt', 'Erledigt'])
      await steps.getByText(step, { exact: true }).first().waitFor({ timeout: A_ROUND_MS });
    await page.getByText('Die Wirkung ist nachgewiesen.').waitFor({ timeout: A_ROUND_MS });
    await page.getByText('stands still').first().waitFor();
    expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);
    expect(await commandsOf(screen)).toMatchObject([{ action: 'reboot_host', reason: 'stands still' }]);
    await screen.stop();
  }, 90_000);

  it('shuts a screen down only after typing its name, and Escape leaves all as it was', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'library' });
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`);
    const open = page.getByRole('button', { name: 'Herunterfahren' });
    await open.click();
    const dialog = page.getByRole('dialog', { name: 'library herunterfahren?' });
    const send = dialog.getByRole('button', { name: 'Herunterfahren' });
    expect(await send.isDisabled()).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Herunterfahren');
    expect(await commandsOf(screen)).toEqual([]);
    await open.click();
    await dialog.getByLabel(/Namen eintippen/).fill('Library');
    expect(await send.isDisabled()).toBe(true);
    await dialog.getByLabel(/Namen eintippen/).press('Enter');
    expect(await commandsOf(screen)).toEqual([]);
    await dialog.getByLabel(/Namen eintippen/).fill('library');
    await send.click();
    await dialog.waitFor({ state: 'detached' });
    expect(await commandsOf(screen)).toMatchObject([{ action: 'shutdown_host' }]);
    await page
      .getByText('Nicht erreichbar')
      .first()
      .waitFor({ timeout: 2 * A_ROUND_MS });
    await open.click();
    await dialog.getByText('Der Bildschirm ist nicht erreichbar.').waitFor();
    await screen.stop();
  }, 90_000);

  it('is told how long a lockout still holds', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'office' });
    for (let sent = 0; sent < 3; sent += 1)
      await at.fleet.admin.call('POST', `/api/clients/${screen.uuid}/restart_app`);
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`);
    await page.getByRole('button', { name: 'App neu starten' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('ist dieser gerade gesperrt').waitFor();
    await dialog.getByText(/Wieder möglich in 1[45] min/).waitFor();
    expect(await dialog.getByRole('button', { name: 'App neu starten' }).isDisabled()).toBe(true);
    await screen.stop();
  }, 60_000);

  it('is told so as well by the server, where the page could not know yet', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'stairs' });
    const page = await at.open();
    const path = `/api/clients/${screen.uuid}`;
    const before = (await at.fleet.admin.call('GET', path)).json;
    await page.route(`**${path}`, (route) => route.fulfill({ json: before }));
    for (let sent = 0; sent < 3; sent += 1) await at.fleet.admin.call('POST', `${path}/restart_app`);
    await page.request.post('/api/auth/login', { data: FIRST_ADMIN });
    await page.goto(`/screens/${screen.uuid}`);
    await page.getByRole('button', { name: 'App neu starten' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'App neu starten' }).click();
    await dialog.getByText('Zum Schutz des Bildschirms wurde dieser nicht gesendet').waitFor();
    await dialog.getByText(/Wieder möglich in 1[45] min/).waitFor();
    expect(await dialog.getByRole('button', { name: 'App neu starten' }).isDisabled()).toBe(true);
    await screen.stop();
  }, 60_000);

  it('reads a name with markup in it as text, in every view', async () => {
    const { json } = await at.fleet.admin.call('POST', '/api/clients', { hostname: HOSTILE_NAME });
    for (const path of ['/screens', `/screens/${json.client.uuid}`, '/audit']) {
      const page = await at.openLoggedIn(path);
      if (path !== '/audit') await page.getByText(HOSTILE_NAME).first().waitFor();
      expect(await page.locator('img[src="x"]').count()).toBe(0);
    }
    expect(at.errors).toEqual([]);
  });

  it('has the page in the language of the browser, and in the other one at a click, for good', async () => {
    const page = await at.openLoggedIn('/', { locale: 'en-GB' });
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.getByLabel('Language').selectOption('de');
    await page.getByRole('heading', { level: 1, name: 'Übersicht' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Übersicht' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
  });
});
