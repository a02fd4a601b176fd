import { FIRST_ADMIN } from '@infoscreen/test-kit';
import { expect, it } from '@jest/globals';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';

describeInBrowser('an admin at the page', () => {
  const at = useBrowser();

  it('logs in, and is told plainly when the password is wrong', async () => {
    const page = await at.open();
    await page.goto('/');
    await page.getByLabel('Benutzername').fill(FIRST_ADMIN.username);
    await page.getByLabel('Passwort').fill('not the password');
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByText('Benutzername oder Passwort ist falsch').waitFor();
    await page.getByLabel('Passwort').fill(FIRST_ADMIN.password);
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByRole('heading', { level: 1, name: 'Übersicht' }).waitFor();
    await page.getByText('Noch kein Bildschirm ist angemeldet.').waitFor();
    await page.screenshot({ path: '/tmp/shot1.png' });
    expect(at.errors).toEqual([]);
  });
});
