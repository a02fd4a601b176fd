import { countByStatus } from '../books/read-database.ts';
import type { FaultDriver } from '../faults/fault-driver.ts';
import type { ScreensProcess } from '../screens/screens-process.ts';
import type { CommandStream } from '../stream/command-stream.ts';

const EVERY_MS = 5000;

export interface ProgressDeps {
  readonly say: (line: string) => void;
  readonly driver: FaultDriver;
  readonly screens: ScreensProcess;
  readonly stream: CommandStream;
  readonly url: string;
}

/** A line every 5 s. */
export function startProgress(deps: ProgressDeps): { stop(): void } {
  const startedAt = Date.now();
  const timer = setInterval(() => {
    void progressLine(deps, Date.now() - startedAt).then(deps.say);
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}

async function progressLine(
  { driver, screens, stream, url }: ProgressDeps,
  elapsedMs: number,
): Promise<string> {
  const states = await countByStatus(url).then(
    (counts) =>
      Object.entries(counts)
        .map(([status, count]) => `${status} ${count}`)
        .join(' '),
    () => 'database away',
  );
  const { online, acksTaken, failuresTaken } = screens.counts;
  return [
    `${String(Math.round(elapsedMs / 1000)).padStart(5)} s`,
    `faults ${driver.done.length}`,
    `online ${online}`,
    `accepted ${stream.accepted.length}`,
    states,
    `ACKs ${acksTaken}`,
    `failures ${failuresTaken}`,
  ].join(' | ');
}
