import { randomInt, randomUUID } from 'node:crypto';
import type { CommandAction, CommandMessage, ProcessStatus } from '@infoscreen/shared-types';
import { delay } from '../agent/delay.ts';
import type { AgentHost, HostIdentity, HostMetrics, PlayerProcess } from '../host/agent-host.ts';
import { HostActionError } from '../host/agent-host.ts';

/** What the screen really did, whatever it says about it. Times are real ones, not the screen's clock. */
export interface Execution {
  readonly commandId: string;
  readonly action: CommandAction;
  readonly at: Date;
  readonly expiresAt: Date;
}

export interface CommandFailure {
  readonly errorCode: string;
  readonly errorMessage?: string;
}

export interface SimulatedHostOptions {
  readonly identity: HostIdentity;
  readonly restartAppSeconds: number;
  /** The power is about to go. */
  readonly onPowerOff: (cause: 'reboot_host' | 'shutdown_host') => void;
  readonly random: () => number;
}

const PLAYER_NAME = 'infoscreen-player';

/** A machine that only exists in memory. It outlives its own reboots; the agent's process on it doesn't. */
export class SimulatedHost implements AgentHost {
  readonly executions: Execution[] = [];
  readonly #options: SimulatedHostOptions;
  #bootId = '';
  #bootedAt = 0;
  #playerStatus: ProcessStatus = 'stopped';
  #playerPid: number | null = null;
  #powerLost = new AbortController();
  #nextFailure: CommandFailure | null = null;
  #metrics = { cpuPercent: 18, memoryPercent: 41, diskPercent: 35, temperatureC: 48 };

  constructor(options: SimulatedHostOptions) {
    this.#options = options;
  }

  /** Power on: a new boot id, and the player runs. */
  boot(): void {
    this.#powerLost = new AbortController();
    this.#bootId = randomUUID();
    this.#bootedAt = Date.now();
    this.#startPlayer('running');
  }

  losePower(): void {
    this.#powerLost.abort();
    this.#playerStatus = 'stopped';
    this.#playerPid = null;
  }

  crashPlayer(): void {
    this.#playerStatus = 'crashed';
    this.#playerPid = null;
  }

  failNextCommand(failure: CommandFailure): void {
    this.#nextFailure = failure;
  }

  bootId(): string {
    return this.#bootId;
  }

  identity(): HostIdentity {
    return this.#options.identity;
  }

  uptimeSeconds(): number {
    return (Date.now() - this.#bootedAt) / 1_000;
  }

  playerProcess(): Promise<PlayerProcess> {
    return Promise.resolve({ status: this.#playerStatus, name: PLAYER_NAME, pid: this.#playerPid });
  }

  readMetrics(): Promise<HostMetrics> {
    const { cpuPercent, memoryPercent, diskPercent, temperatureC } = this.#metrics;
    this.#metrics = {
      cpuPercent: this.#drift(cpuPercent, 3, 85),
      memoryPercent: this.#drift(memoryPercent, 20, 85),
      diskPercent: this.#drift(diskPercent, 30, 60),
      temperatureC: this.#drift(temperatureC, 35, 70),
    };
    return Promise.resolve(this.#metrics);
  }

  async restartApp(command: CommandMessage): Promise<void> {
    this.#execute(command);
    const { signal } = this.#powerLost;
    this.#startPlayer('starting');
    const pid = this.#playerPid;
    await delay(this.#options.restartAppSeconds * 1_000, signal);
    if (!signal.aborted && this.#playerPid === pid) this.#playerStatus = 'running';
  }

  async reboot(command: CommandMessage, lastWords: () => Promise<void>): Promise<void> {
    await this.#goDown(command, 'reboot_host', lastWords);
  }

  async shutdown(command: CommandMessage, lastWords: () => Promise<void>): Promise<void> {
    await this.#goDown(command, 'shutdown_host', lastWords);
  }

  async #goDown(
    command: CommandMessage,
    cause: 'reboot_host' | 'shutdown_host',
    lastWords: () => Promise<void>,
  ) {
    const { signal } = this.#powerLost;
    this.#execute(command);
    await lastWords();
    if (!signal.aborted) this.#options.onPowerOff(cause);
  }

  /** @throws HostActionError once after `failNextCommand`; nothing is done then, and nothing logged as done */
  #execute(command: CommandMessage): void {
    const failure = this.#nextFailure;
    this.#nextFailure = null;
    if (failure !== null) {
      throw new HostActionError(
        failure.errorCode,
        failure.errorMessage ?? 'the simulated host was told to fail',
      );
    }
    const { command_id: commandId, action, expires_at: expiresAt } = command;
    this.executions.push({ commandId, action, at: new Date(), expiresAt: new Date(expiresAt) });
  }

  #startPlayer(status: 'starting' | 'running'): void {
    this.#playerStatus = status;
    this.#playerPid = randomInt(300, 32_768);
  }

  #drift(value: number, low: number, high: number): number {
    const next = value + (this.#options.random() - 0.5) * 4;
    return Math.round(Math.min(high, Math.max(low, next)) * 10) / 10;
  }
}
