import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@infoscreen/test-kit';
import { judge } from '../books/judge.ts';
import { allHaveEnded, readDatabase } from '../books/read-database.ts';
import type { LossWindow, Records } from '../books/records.ts';
import type { ScreensProcess } from '../screens/screens-process.ts';
import type { CommandStream } from '../stream/command-stream.ts';
import type { ChaosSystem } from '../system/start-system.ts';

export interface Settling {
  readonly system: ChaosSystem;
  readonly screens: ScreensProcess;
  readonly stream: CommandStream;
  readonly lossWindows: readonly LossWindow[];
  readonly ttlSeconds: number;
  readonly heartbeatSeconds: number;
}

/** Beyond the time that a command may live: for sweeps, and for a machine that is busy. */
const SPARE_MS = 60_000;
/** A backlog that shrinks is waited for; one that stays as it is for so long is a loss. */
const NO_PROGRESS_MS = 30_000;
/** Two heartbeats at their slowest, which are a fifth longer than said. */
const HEARTBEATS_TO_WAIT = 2 * 1.2;

/**
 * After the last fault: everything runs, nothing new is asked for, every command ends, and two heartbeats pass. What is
 * still on its way then, as a backlog of the lanes on a busy machine, is waited for as long as it becomes less.
 * @returns the records when the books are in order, or don't come nearer to it
 */
export async function settle(settling: Settling): Promise<{ readonly records: Records }> {
  const { system, screens, stream, ttlSeconds, heartbeatSeconds } = settling;
  screens.calmDown();
  await system.untilReady();
  await stream.finish();
  const { url } = system.database;
  // That one never ends is for the books to say.
  await eventually(() => allHaveEnded(url), {
    deadlineMs: 2 * ttlSeconds * 1000 + SPARE_MS,
    intervalMs: 500,
  }).catch(() => {});
  await pause(heartbeatSeconds * 1000 * HEARTBEATS_TO_WAIT);
  let records = await collect(settling);
  let fewest = judge(records).findings.length;
  let progressAt = Date.now();
  while (fewest > 0 && Date.now() - progressAt < NO_PROGRESS_MS) {
    await pause(1000);
    records = await collect(settling);
    const { length } = judge(records).findings;
    if (length >= fewest) continue;
    fewest = length;
    progressAt = Date.now();
  }
  return { records };
}

async function collect({ system, screens, stream, lossWindows }: Settling): Promise<Records> {
  // First what was said, then what is stored: the other way round, what comes in between would look lost.
  const said = await screens.report();
  return {
    accepted: stream.accepted,
    requested: stream.requested,
    screens: said,
    lossWindows,
    ...(await readDatabase(system.database.url)),
  };
}
