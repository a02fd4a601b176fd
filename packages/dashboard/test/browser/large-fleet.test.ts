import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from '@jest/globals';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';
import { scrollTable } from './scroll-table.ts';
import { seedScreens } from './seed-fleet.ts';

const SCREENS = 10_000;
/** What the page learns by asking comes with the next of its rounds at the latest. */
const A_ROUND_MS = 40_000;
/** The page knows of a change so soon after the server does, also on a busy machine. */
const LIVE_MS = 5_000;

describeInBrowser('a fleet of 10,000 screens', () => {
  const at = useBrowser({ settings: { HEARTBEAT_GRACE_SECONDS: '3600' } });
  beforeAll(() => seedScreens(at.fleet, SCREENS), 60_000);

  it('is a table of which only the rows on view are in the document, down to the last one', async () => {
    const page = await at.openLoggedIn('/screens');
    await page.getByText('10.000 Bildschirme').waitFor();
    const table = page.getByRole('table');
    expect(await table.getAttribute('aria-rowcount')).toBe(String(SCREENS + 1));
    const scroller = page.locator('.table-scroller');
    for (let pages = 0; pages < 12; pages += 1) {
      await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
      await page.getByRole('row').last().waitFor();
    }
    expect(await page.getByRole('row').count()).toBeLessThan(80);
    expect((await scrollTable(page)).mostRows).toBeLessThan(80);
  }, 90_000);

  it('is filtered, searched and sorted by the server, and the address holds all of it', async () => {
    const page = await at.openLoggedIn('/screens?status=crashed');
    await page.getByText('250 Bildschirme', { exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'Gruppe' }).selectOption('Rathaus');
    await page.getByRole('button', { name: 'Neuverbindungen' }).click();
    await page.waitForURL(/status=crashed&group=Rathaus&sort=mqtt_reconnect_count/);
    await page.reload();
    expect(await page.getByRole('columnheader', { name: 'Neuverbindungen' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    await page.getByLabel('Suche').fill('no such screen');
    await page.getByText('Kein Bildschirm passt zu diesem Filter.').waitFor();
    await page.getByRole('button', { name: 'Filter zurücksetzen' }).last().click();
    await page.getByText('10.000 Bildschirme').waitFor();
  }, 60_000);

  it('has each change in its row soon after it happened, and no row moves', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'AAA-first' });
    const page = await at.openLoggedIn('/screens');
    await page.locator('.live-badge').filter({ hasText: 'Live' }).waitFor();
    const row = page.getByRole('row').filter({ hasText: 'AAA-first' });
    await row.getByText('In Ordnung').waitFor();
    const before = await row.getAttribute('aria-rowindex');
    screen.crash();
    await row.getByText('Abgestürzt').waitFor({ timeout: LIVE_MS });
    expect(await row.getAttribute('aria-rowindex')).toBe(before);
    await screen.stop();
  }, 60_000);

  it('has many restarted after one question that names how many, with the result of each', async () => {
    const screens = [
      await at.fleet.addScreen({ hostname: 'bulk-1' }),
      await at.fleet.addScreen({ hostname: 'bulk-2' }),
    ];
    const page = await at.openLoggedIn('/screens?text=bulk-');
    await page.getByText('2 Bildschirme', { exact: true }).waitFor();
    await page.getByLabel('Alle geladenen auswählen').check();
    const bar = page.getByRole('region', { name: 'Ausgewählte Bildschirme' });
    await bar.getByText('2 ausgewählt').waitFor();
    await bar.getByRole('button', { name: 'App neu starten' }).click();
    const question = page.getByRole('dialog', { name: 'App auf 2 Bildschirmen neu starten?' });
    await question.getByText('bulk-1, bulk-2').waitFor();
    await question.getByRole('button', { name: '2 Apps neu starten' }).click();
    const progress = page.getByRole('dialog', { name: '2 Apps werden neu gestartet' });
    await progress.getByText('2 von 2 beendet').waitFor({ timeout: 20_000 });
    expect(await progress.getByRole('region').getByText('Erledigt').count()).toBe(2);
    await progress.locator('.bulk-summary').getByText('Erledigt').waitFor();
    for (const screen of screens) {
      expect(screen.executions.map(({ action }) => action)).toEqual(['restart_app']);
      await screen.stop();
    }
  }, 60_000);

  it('has its commands in one history, which is saved for spreadsheets', async () => {
    const page = await at.openLoggedIn('/commands?action=restart_app');
    await page.getByRole('link', { name: 'bulk-2' }).waitFor();
    await page.getByRole('button', { name: 'Verlauf' }).first().click();
    await page.locator('.steps').getByText('Bestätigt', { exact: true }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Als CSV speichern' }).click();
    const text = readFileSync(await (await download).path(), 'utf8');
    expect(text.split('\r\n')[0]).toMatch(/^\ufeffcommandId,createdAt,action,status/);
    expect(text.split('\r\n')).toHaveLength(4);
    await page.getByRole('combobox', { name: 'Zustand' }).selectOption('failed');
    await page.getByText('Kein Befehl passt zu diesem Filter.').waitFor();
    expect(at.errors).toEqual([]);
  }, 60_000);

  it('with a stopped listener is shown as that, not as dead screens', async () => {
    const [listener] = at.fleet.of('listener');
    await listener?.process.stop();
    const page = await at.openLoggedIn('/');
    await page.getByText('Kein Listener läuft').waitFor({ timeout: A_ROUND_MS });
    const crashed = page.getByRole('region', { name: 'Abgestürzt oder verstummt' });
    await crashed.getByText('gelten nur als verstummt, weil Nachrichten gerade nicht ankommen').waitFor();
    await crashed.getByRole('button', { name: /^Alle .* zeigen$/ }).click();
    expect(await crashed.getByText('Meldet sich nicht mehr').count()).toBe(0);
    await page.getByText('heißt jetzt nicht „ausgefallen“').waitFor();
    await listener?.restart();
  }, 90_000);
});
