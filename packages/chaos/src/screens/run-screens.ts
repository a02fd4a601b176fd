import { pick, seededRandom } from '../run/random.ts';
import { ChaosScreen } from './chaos-screen.ts';
import type { FromScreens, ScreensSetup, ToScreens } from './screen-messages.ts';
import { ScreenNotebook } from './screen-notebook.ts';

const TICK_MS = 100;
const COUNTS_EVERY_TICKS = 5;
/** `repeatAck` says two. */
const ACKS_PER_REPETITION = 2;

/** All simulated screens of a run, driven from another process so that no fault of that one holds them up. */
export function runScreens(send: (message: FromScreens) => void): { take(message: ToScreens): void } {
  const notebook = new ScreenNotebook();
  let screens: readonly ChaosScreen[] = [];
  let isCalm = false;

  const start = async (setup: ScreensSetup) => {
    const random = seededRandom(setup.seed);
    screens = setup.accounts.map((account) => new ChaosScreen(account, { setup, notebook, random }));
    await Promise.all(screens.map((screen) => screen.start()));
    const repetitions = pace(setup.acksPerSecond / ACKS_PER_REPETITION);
    const failures = pace(setup.failuresPerSecond);
    let ticks = 0;
    setInterval(() => {
      ticks += 1;
      for (const screen of screens) void screen.look();
      if (!isCalm) {
        for (let due = repetitions(); due > 0; due -= 1) void pick(random, screens).repeatAck();
        for (let due = failures(); due > 0; due -= 1) pick(random, screens).failService();
      }
      if (ticks % COUNTS_EVERY_TICKS === 0) send({ kind: 'counts', counts: count() });
    }, TICK_MS);
    send({ kind: 'started' });
  };

  const count = () => ({
    online: screens.filter(({ isOnline }) => isOnline).length,
    acksTaken: notebook.acksTaken,
    failuresTaken: notebook.failuresTaken,
    executions: screens.reduce((sum, { executionCount }) => sum + executionCount, 0),
  });

  const report = () =>
    send({
      kind: 'records',
      records: notebook.records(
        screens.flatMap(({ executions }) => executions),
        new Set(screens.flatMap(({ openFailures }) => openFailures)),
      ),
    });

  send({ kind: 'ready' });
  return {
    take: (message) => {
      switch (message.kind) {
        case 'start':
          void start(message.setup);
          return;
        case 'calm_down':
          isCalm = true;
          return;
        case 'report':
          report();
          return;
        default:
          message satisfies never;
      }
    },
  };
}

/** How many are due now, of `perSecond`, given when it was asked last. */
function pace(perSecond: number): () => number {
  let askedAt = Date.now();
  let owed = 0;
  return () => {
    const now = Date.now();
    // What a stalled process missed is missed: no burst makes up for it.
    owed = Math.min(owed + ((now - askedAt) / 1000) * perSecond, perSecond);
    askedAt = now;
    const due = Math.floor(owed);
    owed -= due;
    return due;
  };
}
