import { type AgentLog, SILENT_LOG } from '../agent/agent-log.ts';
import { delay } from '../agent/delay.ts';
import { DeviceAgent } from '../agent/device-agent.ts';
import type { ServiceFailure } from '../agent/failed-units.ts';
import { connectBroker } from '../broker/broker-link.ts';
import { decideCommand } from '../commands/decide-command.ts';
import type { AgentStore } from '../store/agent-store.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { createLies, type Lies } from './lies.ts';
import { LinkFaults } from './link-faults.ts';
import { type CommandFailure, type Execution, SimulatedHost } from './simulated-host.ts';
import { type SimulatedScreenOptions, simulatedIdentity } from './simulated-screen-options.ts';

const DEFAULT_REBOOT_SECONDS = 5;
const DEFAULT_RESTART_APP_SECONDS = 1;
const DEFAULT_ONLINE_TIMEOUT_MS = 10_000;

/** The agent's own rules, without the knowledge that a naive twin lacks. */
function decideWithout({
  withoutDeduplication = false,
  withoutBootFence = false,
}: SimulatedScreenOptions): typeof decideCommand {
  return (message, state, now) =>
    decideCommand(
      message,
      {
        ...state,
        ...(withoutDeduplication ? { commands: [] } : {}),
        ...(withoutBootFence ? { bootId: null } : {}),
      },
      now,
    );
}

/**
 * A screen that can be switched on and off, and made to misbehave: a simulated host, a store that outlives its reboots,
 * and for every boot a new `DeviceAgent` that knows nothing of being simulated.
 */
export class SimulatedScreen {
  readonly uuid: string;
  readonly lie: Lies;
  readonly #options: SimulatedScreenOptions;
  readonly #host: SimulatedHost;
  readonly #store: AgentStore;
  readonly #faults = new LinkFaults();
  readonly #log: AgentLog;
  readonly #onlineWaiters = new Set<() => void>();
  #agent: DeviceAgent | null = null;
  #pendingBoot = new AbortController();
  #clockOffsetMs = 0;

  constructor(options: SimulatedScreenOptions) {
    this.#options = options;
    this.uuid = options.uuid;
    this.#store = options.store ?? createMemoryStore();
    this.#log = options.log ?? SILENT_LOG;
    this.#host = new SimulatedHost({
      identity: simulatedIdentity(options),
      restartAppSeconds: options.restartAppSeconds ?? DEFAULT_RESTART_APP_SECONDS,
      random: Math.random,
      onPowerOff: (cause) => this.#goDown(cause),
    });
    this.lie = createLies(options.uuid, async (message) => this.#openLink().publish(message));
  }

  /** What it really did, oldest first, over all its boots. */
  get executions(): readonly Execution[] {
    return this.#host.executions;
  }

  /** Of the present boot, or of the last one while it is off. */
  get bootId(): string {
    return this.#host.bootId();
  }

  get isPoweredOn(): boolean {
    return this.#agent !== null;
  }

  /** Connected, introduced and subscribed. */
  get isOnline(): boolean {
    return this.#faults.link !== null && (this.#agent?.isOnline ?? false);
  }

  /** Switches it on. Resolves when its agent runs; use `whenOnline` to wait for the broker. */
  async start(): Promise<void> {
    await this.powerOn();
  }

  /** Ends it politely: presence says offline with `reason`. A hanging agent can't, and is cut off. */
  async stop(reason = 'stopped'): Promise<void> {
    this.#pendingBoot.abort();
    const agent = this.#agent;
    this.#agent = null;
    if (this.#faults.isHanging) agent?.abandon();
    else await agent?.stop(reason);
    this.#host.losePower();
  }

  /** Resolves when it is online, at once where it is already. @throws after `timeoutMs` */
  whenOnline(timeoutMs = DEFAULT_ONLINE_TIMEOUT_MS): Promise<void> {
    if (this.isOnline) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#onlineWaiters.delete(done);
        reject(new Error(`screen ${this.uuid} was not online within ${timeoutMs} ms`));
      }, timeoutMs);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#onlineWaiters.add(done);
    });
  }

  /** A boot: new boot id, new agent process with the stored memory. Nothing where it is on. */
  async powerOn(): Promise<void> {
    this.#pendingBoot.abort();
    if (this.#agent !== null) return;
    this.#faults.recover();
    this.#host.boot();
    this.#agent = this.#createAgent();
    await this.#agent.start();
  }

  /** The plug is pulled: no goodbye, and whatever was under way is gone. */
  powerOff(): void {
    this.#pendingBoot.abort();
    this.#agent?.abandon();
    this.#agent = null;
    this.#host.losePower();
  }

  /** The player crashes and stays so until restart_app or a boot. */
  crash(): void {
    this.#host.crashPlayer();
  }

  /** The agent stays connected and falls silent: no heartbeat, no health, no ACK, until `recover` or a boot. */
  hang(): void {
    this.#faults.hang();
  }

  /** Commands vanish unanswered, while heartbeats go on, until `recover` or a boot. */
  ignoreCommands(): void {
    this.#faults.ignoreCommands();
  }

  /** Ends `hang` and `ignoreCommands`. A hung agent then catches up with what it was sent. */
  recover(): void {
    this.#faults.recover();
  }

  /** Loses its connection without a DISCONNECT, so that the last will goes out, and reconnects by itself. */
  cutConnection(): void {
    this.#openLink().cut();
  }

  /** Cuts the connection `times` times, each time when it is online again; resolves online. */
  async flapConnection({ times, timeoutMs }: { times: number; timeoutMs?: number }): Promise<void> {
    for (let cut = 0; cut < times; cut += 1) {
      await this.whenOnline(timeoutMs);
      const link = this.#openLink();
      link.cut();
      await link.closed;
    }
    await this.whenOnline(timeoutMs);
  }

  /** Publishes `service_failed`, and keeps the unit in `failed_units` until `recoverService` or a boot. */
  failService(failure: ServiceFailure): void {
    this.#agent?.unitFailed(failure);
  }

  recoverService(unit: string): void {
    this.#agent?.unitRecovered(unit);
  }

  /** From now on its own clock is `ms` ahead of the real one; behind, when negative. Outlives boots. */
  setClockOffset(ms: number): void {
    this.#clockOffsetMs = ms;
  }

  /** The next command that it would run ends `failed` with this code instead. */
  failNextCommand(failure: CommandFailure): void {
    this.#host.failNextCommand(failure);
  }

  #createAgent(): DeviceAgent {
    const { uuid, mqttHost, mqttPort, mqttTls, connect = connectBroker, ...options } = this.#options;
    return new DeviceAgent({
      ...options,
      uuid,
      broker: { host: mqttHost, port: mqttPort, ...(mqttTls === undefined ? {} : { tls: mqttTls }) },
      host: this.#host,
      store: this.#store,
      log: this.#log,
      now: () => Date.now() + this.#clockOffsetMs,
      connect: this.#faults.around(connect),
      decide: decideWithout(this.#options),
      onConnectionChange: (isOnline) => this.#noticeConnection(isOnline),
    });
  }

  #noticeConnection(isOnline: boolean): void {
    if (!isOnline) return;
    for (const done of this.#onlineWaiters) done();
    this.#onlineWaiters.clear();
  }

  #goDown(cause: 'reboot_host' | 'shutdown_host'): void {
    this.powerOff();
    this.#log.info('screen is off', { cause });
    if (cause === 'reboot_host') void this.#bootLater();
  }

  async #bootLater(): Promise<void> {
    const pending = new AbortController();
    this.#pendingBoot = pending;
    await delay((this.#options.rebootSeconds ?? DEFAULT_REBOOT_SECONDS) * 1_000, pending.signal);
    if (!pending.signal.aborted) await this.powerOn();
  }

  #openLink() {
    const { link } = this.#faults;
    if (link === null) throw new Error(`screen ${this.uuid} is not connected`);
    return link;
  }
}

export function createSimulatedScreen(options: SimulatedScreenOptions): SimulatedScreen {
  return new SimulatedScreen(options);
}
