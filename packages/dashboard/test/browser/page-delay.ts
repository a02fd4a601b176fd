import { eventually } from '@infoscreen/test-kit';
import type { Page } from 'playwright-core';
import type { BrowserFixture } from './browser-fixture.ts';
import { type StepWatch, watchSteps } from './watch-steps.ts';

/** Settings under which one screen takes as many commands as are measured. */
export const DELAY_SETTINGS = { LOCKOUT_MAX_COMMANDS: '1000' } as const;
const SHOWN_WITHIN_MS = 15_000;

/** One step that a screen acknowledged: that it has the command, or that it is done; times by the database's clock, in milliseconds since the epoch. */
export interface DelaySample {
  readonly committedAt: number;
  readonly shownAt: number;
  /** When the stream told of its screen last before that; null where it didn't. */
  readonly toldAt: number | null;
}

export interface PageDelay {
  readonly samples: readonly DelaySample[];
  /** By how much the page's clock is ahead of the database's, in milliseconds: between these two. */
  readonly clockAhead: readonly [number, number];
  /** How many intervals the page wanted to ask by itself in, and didn't get. */
  readonly refusedIntervals: number;
  /** How often its stream broke: it then asks for everything anew. */
  readonly breaks: number;
}

/**
 * Sends commands to one screen, one after the other, while a page shows it, and measures for each acknowledgement the time
 * from its row in `client_command_events` until the page has it in its document.
 */
export async function measurePageDelay(at: BrowserFixture, commands: number): Promise<PageDelay> {
  const screen = await at.fleet.addScreen({ hostname: 'measured' });
  const page = await at.openLoggedIn(`/screens/${screen.uuid}`, {}, (opened) =>
    opened.addInitScript(watchSteps),
  );
  await page.locator('.live-badge.live').waitFor();
  const clockAhead = await compareClocks(at, page);
  const samples: DelaySample[] = [];
  for (let sent = 0; sent < commands; sent += 1) {
    const { json } = await at.fleet.admin.call('POST', `/api/clients/${screen.uuid}/restart_app`);
    samples.push(...(await samplesOf({ at, page, uuid: screen.uuid, commandId: json.command.commandId })));
  }
  const { refusedIntervals, breaks } = await readWatch(page);
  await page.context().close();
  await screen.stop();
  return { samples, clockAhead, refusedIntervals, breaks };
}

interface TimelineRow {
  readonly source: string;
  readonly kind: string;
  readonly to_status: string;
  readonly server_time: Date;
}

interface Sent {
  readonly at: BrowserFixture;
  readonly page: Page;
  readonly uuid: string;
  readonly commandId: string;
}

async function samplesOf({ at, page, uuid, commandId }: Sent): Promise<DelaySample[]> {
  let timeline: readonly TimelineRow[] = [];
  await eventually(
    async () => {
      timeline = await at.fleet.database.asOwner<TimelineRow>(
        'SELECT source, kind, to_status, server_time FROM client_command_events WHERE command_id = $1 ORDER BY id',
        [commandId],
      );
      return timeline.some(({ to_status }) => to_status === 'completed');
    },
    { deadlineMs: 20_000, what: () => `the screen did the command: ${JSON.stringify(timeline)}` },
  );
  const acknowledged = timeline.filter(({ source, kind }) => source === 'device' && kind === 'transition');
  return Promise.all(
    acknowledged.map(async ({ server_time: committed }) => {
      const key = `${commandId} ${committed.toISOString()}`;
      const watch = await eventually(
        async () => {
          const noted = await readWatch(page);
          return noted.shown[key] === undefined ? null : noted;
        },
        { deadlineMs: SHOWN_WITHIN_MS, what: `the page shows the step ${key}` },
      );
      const [committedAt, shownAt] = [committed.getTime(), watch.shown[key] ?? Number.NaN];
      // It may have told of something else, and the answer to that held this step as well.
      const told = watch.told.findLast(({ ids, at: toldAt }) => ids.includes(uuid) && toldAt <= shownAt);
      return { committedAt, shownAt, toldAt: told?.at ?? null };
    }),
  );
}

const readWatch = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { stepWatch: StepWatch }).stepWatch);

/** Reads the page's clock between two readings of the database's; the closest pair of ten says it best. */
async function compareClocks(at: BrowserFixture, page: Page): Promise<readonly [number, number]> {
  const readDatabase = async () => {
    const [row] = await at.fleet.database.asOwner<{ ms: number }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
    );
    return row?.ms ?? Number.NaN;
  };
  const bounds: (readonly [number, number])[] = [];
  for (let reading = 0; reading < 10; reading += 1) {
    const before = await readDatabase();
    const shown = await page.evaluate(() => Date.now());
    const after = await readDatabase();
    bounds.push([shown - after, shown - before]);
  }
  const [closest] = bounds.toSorted(([lowA, highA], [lowB, highB]) => highA - lowA - (highB - lowB));
  if (closest === undefined) throw new Error('no clock was read');
  return closest;
}
