import { FIRST_ADMIN, type Fleet, type FleetOptions, startFleet } from '@infoscreen/test-kit';
import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findChromium } from './find-chromium.ts';

const executablePath = findChromium();

/** Tests in a real browser; skipped, with a name that says so, where there is none. */
export const describeInBrowser = (name: string, tests: () => void): void => {
  if (executablePath === null) describe.skip(`${name} (skipped: no Chromium on this machine)`, tests);
  else describe(name, tests);
};

export interface BrowserFixture {
  readonly fleet: Fleet;
  readonly url: string;
  /** A page of a person of their own, with nothing open yet. Errors of the page and of its policy fail the test. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** As `open`, logged in as the first admin, at `path`; `prepare` is done before the page loads. */
  openLoggedIn(
    path?: string,
    options?: BrowserContextOptions,
    prepare?: (page: Page) => Promise<unknown>,
  ): Promise<Page>;
  /** What the pages of this test wrote as errors into their console. */
  readonly errors: string[];
}

const FLEET_START_MS = 90_000;
const ACTION_MS = 10_000;

/** The real stack and a browser, for one file of tests. */
export function useBrowser(options: FleetOptions = {}): BrowserFixture {
  let fleet: Fleet;
  let browser: Browser;
  const errors: string[] = [];
  beforeAll(async () => {
    fleet = await startFleet(options);
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      // Chromium's sandbox refuses to run as root, as which containers run tests.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
  }, FLEET_START_MS);
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    errors.length = 0;
  });
  afterAll(async () => {
    await browser?.close();
    await fleet?.stop();
  }, FLEET_START_MS);

  const url = () => fleet.of('server')[0]?.url ?? '';
  const open = async (contextOptions: BrowserContextOptions = {}) => {
    const context = await browser.newContext({
      baseURL: url(),
      locale: 'de-DE',
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
      ...contextOptions,
    });
    context.setDefaultTimeout(ACTION_MS);
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      // A browser writes each refused call into its console; those are tested by what the page shows.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        errors.push(message.text());
    });
    return page;
  };
  return {
    get fleet() {
      return fleet;
    },
    get url() {
      return url();
    },
    errors,
    open,
    openLoggedIn: async (path = '/', contextOptions = {}, prepare = async () => {}) => {
      const page = await open(contextOptions);
      await prepare(page);
      const answer = await page.request.post('/api/auth/login', {
        data: { username: FIRST_ADMIN.username, password: FIRST_ADMIN.password },
      });
      if (!answer.ok()) throw new Error(`the log-in was answered with ${answer.status()}`);
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      return page;
    },
  };
}
