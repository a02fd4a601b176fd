import { createSimulatedScreen, type SimulatedScreen } from '@infoscreen/device-agent';
import type { AckStatus } from '@infoscreen/shared-types';
import type { ExecutionRecord } from '../books/records.ts';
import { pick, type Random } from '../run/random.ts';
import type { ScreenAccount, ScreensSetup } from './screen-messages.ts';
import type { ScreenNotebook } from './screen-notebook.ts';

/** Health carries at most 64; fewer leave room for those of a moment. */
const MOST_OPEN_FAILURES = 30;
/** How long a screen that was shut down stays off, until somebody switches it on. */
const OFF_MS = 4000;

const STEPS_BEFORE_RESULT: readonly AckStatus[] = ['accepted', 'execution_started'];

/** A simulated screen that repeats itself, whose services fail, and that is switched on again after a shutdown. */
export class ChaosScreen {
  readonly #screen: SimulatedScreen;
  readonly #notebook: ScreenNotebook;
  readonly #random: Random;
  /** Failures that its health reports name: unit to failedAt, since its last boot. */
  readonly #openFailures = new Map<string, number>();
  #bootId = '';
  #offSince: number | null = null;
  #failureCount = 0;

  constructor(
    account: ScreenAccount,
    { setup, notebook, random }: { setup: ScreensSetup; notebook: ScreenNotebook; random: Random },
  ) {
    this.#notebook = notebook;
    this.#random = random;
    this.#screen = createSimulatedScreen({
      ...account,
      mqttHost: '127.0.0.1',
      heartbeatIntervalSeconds: setup.heartbeatSeconds,
      healthIntervalSeconds: setup.healthSeconds,
      keepaliveSeconds: 10,
      rebootSeconds: 2,
      restartAppSeconds: 0.3,
      reconnectBackoff: { baseMs: 200, maxMs: 2000 },
      withoutDeduplication: setup.isNaive,
      withoutBootFence: setup.isNaive,
      connect: notebook.connect,
    });
  }

  get isOnline(): boolean {
    return this.#screen.isOnline;
  }

  get executions(): readonly ExecutionRecord[] {
    return this.#screen.executions.map(({ commandId, action, at, expiresAt }) => ({
      clientUuid: this.#screen.uuid,
      commandId,
      action,
      at: at.getTime(),
      expiresAt: expiresAt.getTime(),
    }));
  }

  get executionCount(): number {
    return this.#screen.executions.length;
  }

  /** `client unit failedAt` of each failure that its health reports name. */
  get openFailures(): readonly string[] {
    return [...this.#openFailures].map(([unit, failedAt]) => `${this.#screen.uuid} ${unit} ${failedAt}`);
  }

  start(): Promise<void> {
    return this.#screen.start();
  }

  stop(): Promise<void> {
    return this.#screen.stop();
  }

  /** Notices boots, and switches it on when it has been off for long enough. To be called often. */
  async look(): Promise<void> {
    const { isPoweredOn, bootId } = this.#screen;
    if (isPoweredOn && bootId !== this.#bootId) {
      this.#bootId = bootId;
      this.#openFailures.clear();
      this.#notebook.noteBoot(this.#screen.uuid, bootId);
    }
    if (isPoweredOn) this.#offSince = null;
    else this.#offSince ??= Date.now();
    if (this.#offSince !== null && Date.now() - this.#offSince > OFF_MS) await this.#screen.powerOn();
  }

  /** Says again what it said before of one of its last commands. A broken link ends it; nobody repeats a repetition. */
  async repeatAck(): Promise<void> {
    const { executions, isOnline } = this.#screen;
    const recent = executions.slice(-4);
    if (!isOnline || recent.length === 0) return;
    const { commandId } = pick(this.#random, recent);
    await this.#screen.lie.ackStorm(commandId, 2, STEPS_BEFORE_RESULT).catch(() => {});
  }

  /** One of its services fails: mostly for a moment, so that only `service_failed` tells of it. */
  failService(): void {
    if (!this.#screen.isPoweredOn || this.#screen.bootId !== this.#bootId) return;
    this.#failureCount += 1;
    const unit = `unit-${this.#failureCount}.service`;
    const failedAt = Date.now();
    this.#screen.failService({ unit, failedAt: new Date(failedAt).toISOString(), reason: 'exit-code' });
    if (this.#random() < 0.2 && this.#openFailures.size < MOST_OPEN_FAILURES)
      this.#openFailures.set(unit, failedAt);
    else this.#screen.recoverService(unit);
  }
}
