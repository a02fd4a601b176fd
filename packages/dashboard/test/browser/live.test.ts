import type { SimulatedScreen } from '@infoscreen/device-agent';
import { eventually, FIRST_ADMIN, logInAt } from '@infoscreen/test-kit';
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, useBrowser } from './browser-fixture.ts';
import { startFront, watchRequests } from './live-fixture.ts';
import { type StepWatch, watchSteps } from './watch-steps.ts';

/** What the page learns by asking comes with the next of its rounds at the latest. */
const A_ROUND_MS = 20_000;
/** A stream that was refused is tried again so late. */
const REOPENED_MS = 30_000;
const PASSWORD = 'lantern-orbit-velvet-42';

describeInBrowser('a page that is open', () => {
  const at = useBrowser({ replicas: { server: 2 } });
  const describe = ({ uuid }: SimulatedScreen, description: string) =>
    at.fleet.database.asOwner('UPDATE clients SET description = $2 WHERE uuid = $1', [uuid, description]);
  const untilLive = (page: Page, timeout = REOPENED_MS) =>
    page.locator('.live-badge.live').waitFor({ timeout });
  const openStreams = async () => {
    const counts = at.fleet.of('server').map(async ({ url }) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/infoscreen_event_streams\{[^}]*\} (\d+)/.exec(text)?.[1]);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };

  it('is told what was done at another server, and asks for nothing by itself meanwhile', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'gym' });
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`, {}, (opened) =>
      opened.addInitScript(watchSteps),
    );
    await untilLive(page);
    const other = at.fleet.of('server')[1]?.url ?? '';
    const user = await logInAt(other, FIRST_ADMIN.username, FIRST_ADMIN.password);
    await user.call('POST', `/api/clients/${screen.uuid}/restart_app`);
    await page.locator('.steps').getByText('Erledigt', { exact: true }).waitFor({ timeout: A_ROUND_MS });
    await screen.stop();
  }, 60_000);

  it('goes on at another server after the last event that it saw, and is told what happened in between', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'hall' });
    const front = await startFront(at);
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`, { baseURL: front.url }, (opened) =>
      opened.addInitScript(watchSteps),
    );
    await untilLive(page);
    front.stall();
    front.switchTo(1);
    const { json } = await at.fleet.admin.call('POST', `/api/clients/${screen.uuid}/restart_app`);
    await eventually(async () => {
      const { json: now } = await at.fleet.admin.call(
        'GET',
        `/api/clients/commands/${json.command.commandId}`,
      );
      return now.command.status === 'completed';
    });
    front.resume();
    await eventually(
      async () => {
        const { told } = await page.evaluate(
          () => (globalThis as unknown as { stepWatch: StepWatch }).stepWatch,
        );
        return told.some(({ ids }) => ids.includes(json.command.commandId));
      },
      { deadlineMs: REOPENED_MS, what: 'the stream tells of the command' },
    );
    await page.locator('.steps').getByText('Erledigt', { exact: true }).waitFor({ timeout: A_ROUND_MS });
    await untilLive(page);
    const [first, ...later] = front.askedAfter;
    expect(first).toBeNull();
    expect(later.at(-1)).toMatch(/^\d+\.\d+:\d+:/);
    await page.context().close();
    await front.stop();
    await screen.stop();
  }, 90_000);

  it('is renewed at most four times a second in a storm of changes, and shows the last of them', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'storm' });
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`, {}, (opened) =>
      opened.addInitScript(watchRequests),
    );
    await untilLive(page);
    const changes = 150;
    for (let change = 1; change <= changes; change += 1) await describe(screen, `change ${change}`);
    await page.getByText(`change ${changes}`, { exact: true }).waitFor();
    const asked = await page.evaluate(
      () => (globalThis as unknown as { asked: { path: string; at: number }[] }).asked,
    );
    const times = asked
      .filter(({ path }) => path === `/api/clients/${screen.uuid}`)
      .map(({ at: time }) => time);
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
    // Beside those of the storm: the page's beginning and end, and what it asks by itself.
    expect(times.length).toBeLessThanOrEqual(4 * seconds + 4);
    expect(times.length).toBeGreaterThan(4);
    await screen.stop();
  }, 60_000);

  it('asks by itself where there is no stream, says so, and is live again when there is one', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'canteen' });
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`, {}, (opened) =>
      opened.route('**/api/events', (route) => route.fulfill({ status: 404 })),
    );
    await page.locator('.live-badge').getByText('Regelmäßig').waitFor();
    await describe(screen, 'told by nobody');
    await page.getByText('told by nobody').waitFor({ timeout: A_ROUND_MS });
    await page.unroute('**/api/events');
    await untilLive(page);
    await describe(screen, 'told by the stream');
    await page.getByText('told by the stream').waitFor();
    await screen.stop();
  }, 90_000);

  it('says that it is stale while the server refuses to tell anything new, and no longer than that', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'library' });
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`);
    await page.getByRole('heading', { name: 'library' }).waitFor();
    await untilLive(page);
    await page.route('**/api/**', (route) => route.fulfill({ status: 500 }));
    await describe(screen, 'not shown yet');
    await page.locator('.live-badge').getByText('Veraltet').waitFor({ timeout: A_ROUND_MS });
    await page.getByRole('alert').getByText('Was hier steht, ist alt').waitFor();
    expect(await page.getByText('not shown yet').count()).toBe(0);
    await page.unroute('**/api/**');
    await page.getByText('not shown yet').waitFor({ timeout: A_ROUND_MS });
    await page.locator('.live-badge').getByText('Veraltet').waitFor({ state: 'detached' });
    expect(await page.getByText('Was hier steht, ist alt').count()).toBe(0);
    await screen.stop();
  }, 90_000);

  it('says so of its list as well', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'depot' });
    const page = await at.openLoggedIn('/screens?text=depot');
    await page.getByRole('row').getByText('In Ordnung').waitFor();
    await untilLive(page);
    await page.route('**/api/clients?*', (route) => route.fulfill({ status: 500 }));
    screen.crash();
    await page.locator('.live-badge').getByText('Veraltet').waitFor({ timeout: A_ROUND_MS });
    await page.unroute('**/api/clients?*');
    await page.getByRole('row').getByText('Abgestürzt').waitFor({ timeout: A_ROUND_MS });
    await page.locator('.live-badge').getByText('Veraltet').waitFor({ state: 'detached' });
    await screen.stop();
  }, 90_000);

  it('loses its stream when its user logs out in another tab, and goes on where it was after a new log-in', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'office' });
    const page = await at.openLoggedIn(`/screens/${screen.uuid}`);
    await untilLive(page);
    await page.getByRole('button', { name: 'App neu starten' }).click();
    await page.getByRole('dialog').getByLabel(/Grund/).fill('typed before');
    const tab = await page.context().newPage();
    await tab.goto('/');
    await untilLive(tab);
    await eventually(async () => (await openStreams()) === 2);
    const refused = page.waitForResponse(
      (answer) => answer.url().endsWith('/api/events') && answer.status() === 401,
    );
    await tab.getByRole('button', { name: 'Abmelden' }).click();
    await eventually(async () => (await openStreams()) === 0);
    await refused;
    const again = page.getByRole('dialog', { name: 'Bitte erneut anmelden' });
    await again.waitFor({ timeout: A_ROUND_MS });
    await describe(screen, 'changed meanwhile');
    await again.getByLabel('Passwort').fill(FIRST_ADMIN.password);
    await again.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByText('changed meanwhile').waitFor({ timeout: A_ROUND_MS });
    // Sooner than a stream that was refused is tried again by itself.
    await untilLive(page, 10_000);
    expect(await page.getByRole('dialog').getByLabel(/Grund/).inputValue()).toBe('typed before');
    await screen.stop();
  }, 90_000);

  it('is closed by another role for its user, and may what that one may after a new log-in', async () => {
    const screen = await at.fleet.addScreen({ hostname: 'workshop' });
    const { json } = await at.fleet.admin.call('POST', '/api/users', {
      username: 'porter',
      role: 'admin',
      password: PASSWORD,
    });
    const page = await at.open();
    await page.goto(`/screens/${screen.uuid}`);
    await page.getByLabel('Benutzername').fill('porter');
    await page.getByLabel('Passwort').fill(PASSWORD);
    await page.getByRole('button', { name: 'Anmelden' }).click();
    await page.getByRole('button', { name: 'App neu starten' }).waitFor();
    await untilLive(page);
    await at.fleet.admin.call('PATCH', `/api/users/${json.user.id}`, { role: 'viewer' });
    await eventually(async () => (await openStreams()) === 0);
    const again = page.getByRole('dialog', { name: 'Bitte erneut anmelden' });
    await again.getByLabel('Passwort').fill(PASSWORD, { timeout: A_ROUND_MS });
    await again.getByRole('button', { name: 'Anmelden' }).click();
    await untilLive(page);
    expect(await page.getByRole('button', { name: 'App neu starten' }).count()).toBe(0);
    await describe(screen, 'a viewer is told as well');
    await page.getByText('a viewer is told as well').waitFor();
    await screen.stop();
  }, 90_000);
});
