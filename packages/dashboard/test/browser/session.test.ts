import { FIRST_ADMIN } from '@infoscreen/test-kit';
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';

const A_ROUND_MS = 20_000;

describeInBrowser('a session', () => {
  const at = useBrowser({ settings: { LOGIN_ATTEMPTS_PER_ACCOUNT: '3' } });
  /** The session is over at the moment at which the first command would go out. */
  const endSessionBeforeCommand = (page: Page) =>
    page.route(
      '**/restart_app',
      async (route) => {
        await at.fleet.database.asOwner("DELETE FROM user_sessions WHERE sess::text LIKE '%Chrome%'");
        await route.continue();
      },
      { times: 1 },
    );

  it('that runs out is renewed in a dialog, and nothing that was typed is lost', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'foyer' });
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`);
    await endSessionBeforeCommand(page);
    await page.getByRole('button', { name: 'App neu starten' }).click();
    const dialog = page.getByRole('dialog', { name: /App auf foyer/ });
    await dialog.getByLabel(/Grund/).fill('a long reason');
    await dialog.getByRole('button', { name: 'App neu starten' }).click();
    const again = page.getByRole('dialog', { name: 'Bitte erneut anmelden' });
    await again.getByLabel('Passwort').fill(FIRST_ADMIN.password);
    await again.getByRole('button', { name: 'Anmelden' }).click();
    await again.waitFor({ state: 'detached' });
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('a long reason').first().waitFor();
    expect(page.url()).toMatch(screen.uuid);
    await screen.stop();
  }, 60_000);

  it('that ran out is asked for until it is renewed, however often Escape is pressed', async () => {
    const page = await at.openLoggedIn('/commands');
    await page.getByText('Noch keine Befehle').or(page.locator('.command')).first().waitFor();
    await page.context().clearCookies();
    await page.getByRole('textbox', { name: 'Wer' }).fill('somebody');
    const again = page.getByRole('dialog', { name: 'Bitte erneut anmelden' });
    await again.getByLabel('Passwort').and(page.locator(':focus')).waitFor();
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('Escape');
    await again.getByLabel('Passwort').fill(FIRST_ADMIN.password);
    await page.keyboard.press('Enter');
    await again.waitFor({ state: 'detached' });
    await page.getByText('Kein Befehl passt zu diesem Filter.').waitFor();
  }, 60_000);

  it('that ended is never gone on with by somebody else: what waited is not sent in their name', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'office' });
    const { json } = await at.fleet.admin.call('POST', '/api/users', {
      username: 'colleague',
      role: 'admin',
      password: 'lantern-orbit-velvet-42',
    });
    expect(json.user.username).toBe('colleague');
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`);
    await endSessionBeforeCommand(page);
    await page.getByRole('button', { name: 'App neu starten' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'App neu starten' }).click();
    const again = page.getByRole('dialog', { name: 'Bitte erneut anmelden' });
    await again.getByLabel('Benutzername').fill('colleague');
    await again.getByLabel('Passwort').fill('lantern-orbit-velvet-42');
    await again.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByRole('link', { name: 'Konto von colleague' }).waitFor();
    await page.getByText('An diesen Bildschirm ging noch kein Befehl.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await screen.stop();
  }, 60_000);

  it('begins with a new password where the first one was made', async () => {
    const admin = await at.openLoggedIn('/users');
    const form = admin.getByRole('form', { name: 'Neuer Benutzer' });
    await form.getByLabel('Benutzername').fill('porter');
    await form.getByRole('button', { name: 'Benutzer anlegen' }).click();
    const password = (await admin.getByRole('dialog').locator('output').textContent()) ?? '';
    const page = await at.open();
    await page.goto('/commands');
    await page.getByLabel('Benutzername').fill('porter');
    await page.getByLabel('Passwort').fill(password);
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByText('bitte wählen Sie ein eigenes Passwort').waitFor();
    await page.getByLabel('Jetziges Passwort').fill(password);
    await page.getByLabel('Neues Passwort', { exact: true }).fill('lantern-orbit-velvet-42');
    await page.getByLabel('Neues Passwort wiederholen').fill('lantern-orbit-velvet-42');
    await page.getByRole('button', { name: 'Passwort ändern' }).click();
    await page.getByRole('heading', { level: 1, name: 'Befehle' }).waitFor();
    expect(await page.getByRole('link', { name: 'Benutzer', exact: true }).count()).toBe(0);
  }, 60_000);

  it('says that the server is lost, keeps what it shows, and goes on when it is back', async () => {
    const page = await at.openLoggedIn('/');
    await page.getByRole('link', { name: /Insgesamt/ }).waitFor();
    const [server] = at.fleet.of('server');
    await server?.process.stop();
    await page.getByText('Der Server antwortet nicht.').waitFor({ timeout: A_ROUND_MS });
    await page.getByText('Veraltet').waitFor();
    await page.getByRole('link', { name: /Insgesamt/ }).waitFor();
    await server?.restart();
    await page.getByText('Der Server antwortet nicht.').waitFor({ state: 'detached', timeout: A_ROUND_MS });
    await page.getByRole('link', { name: /Insgesamt/ }).waitFor();
  }, 90_000);

  it('says at the log-in that the server is lost, once, and keeps the password that may have been right', async () => {
    const page = await at.open();
    await page.goto('/');
    await page.getByLabel('Benutzername').fill(FIRST_ADMIN.username);
    await page.getByLabel('Passwort').fill(FIRST_ADMIN.password);
    await page.route('**/api/**', (route) => route.abort());
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByText('Der Server antwortet nicht.').waitFor();
    await page.unroute('**/api/**');
    await page.getByText('Der Server antwortet nicht.').waitFor({ state: 'detached', timeout: A_ROUND_MS });
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByRole('heading', { level: 1, name: 'Übersicht' }).waitFor();
  }, 60_000);

  it('that cannot begin says so, and begins by itself when the server is there', async () => {
    const page = await at.openLoggedIn('/');
    await page.route('**/api/**', (route) => route.abort());
    await page.reload();
    await page.getByText('Der Server antwortet nicht.').first().waitFor();
    await page.unroute('**/api/**');
    await page.getByRole('heading', { level: 1, name: 'Übersicht' }).waitFor({ timeout: A_ROUND_MS });
  }, 60_000);

  it('is refused for a while after too many attempts, and tells for how long', async () => {
    const page = await at.open();
    await page.goto('/');
    await page.getByLabel('Benutzername').fill('somebody');
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await page.getByLabel('Passwort').fill(`wrong password ${attempt}`);
      const answer = page.waitForResponse('**/api/auth/login');
      await page.getByRole('button', { name: 'Anmelden' }).click();
      await answer;
    }
    await page.getByText('Zu viele Versuche.').waitFor();
    await page.getByText(/Wieder möglich in \d+ (min|s)/).waitFor();
    expect(await page.getByRole('button', { name: 'Anmelden' }).isDisabled()).toBe(true);
  });
});
