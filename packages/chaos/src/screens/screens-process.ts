import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '@infoscreen/local-stack';
import { eventually } from '@infoscreen/test-kit';
import type { ScreenRecords } from '../books/records.ts';
import type { FromScreens, ScreenCounts, ScreensSetup, ToScreens } from './screen-messages.ts';

const ENTRY = join(REPOSITORY_ROOT, 'packages/chaos/dist/screens/screens-main.js');
const START_DEADLINE_MS = 60_000;

/** The process that all screens live in. */
export class ScreensProcess {
  #counts: ScreenCounts = { online: 0, acksTaken: 0, failuresTaken: 0, executions: 0 };
  #records: ScreenRecords | null = null;
  readonly #child: ChildProcess;
  readonly #heard = new Set<FromScreens['kind']>();

  private constructor() {
    this.#child = fork(ENTRY, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message: FromScreens) => {
      this.#heard.add(message.kind);
      if (message.kind === 'counts') this.#counts = message.counts;
      if (message.kind === 'records') this.#records = message.records;
    });
  }

  static async start(setup: ScreensSetup): Promise<ScreensProcess> {
    const screens = new ScreensProcess();
    await screens.#until('ready');
    screens.#say({ kind: 'start', setup });
    await screens.#until('started');
    return screens;
  }

  get counts(): ScreenCounts {
    return this.#counts;
  }

  /** Nothing is said any more but what commands and reports demand. */
  calmDown(): void {
    this.#say({ kind: 'calm_down' });
  }

  async report(): Promise<ScreenRecords> {
    this.#records = null;
    this.#say({ kind: 'report' });
    return eventually(() => this.#records, { deadlineMs: START_DEADLINE_MS, what: 'the screens report' });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  #say(message: ToScreens): void {
    this.#child.send(message);
  }

  async #until(kind: FromScreens['kind']): Promise<void> {
    await eventually(
      () => {
        if (this.#child.exitCode !== null) return 'ended';
        return this.#heard.has(kind);
      },
      { deadlineMs: START_DEADLINE_MS, what: `the screens are ${kind}` },
    );
    if (!this.#heard.has(kind)) throw new Error('the process of the screens ended before it was ready');
  }
}
