import type { CommandMessage, ProcessStatus } from '@infoscreen/shared-types';

/** The program that shows the content. */
export interface PlayerProcess {
  readonly status: ProcessStatus;
  readonly name: string;
  /** `null` while it doesn't run. */
  readonly pid: number | null;
}

/** Percentages from 0 to 100; `null` where the host can't tell. */
export interface HostMetrics {
  readonly cpuPercent: number | null;
  readonly memoryPercent: number | null;
  readonly diskPercent: number | null;
  readonly temperatureC: number | null;
}

/** What the screen says of itself when it introduces itself. */
export interface HostIdentity {
  readonly hostname: string;
  readonly ip: string;
  readonly model: string;
  readonly osVersion: string;
  readonly appVersion: string;
}

/** Why the host could not do what it was told; the code goes into the ACK. */
export class HostActionError extends Error {
  readonly errorCode: string;

  constructor(errorCode: string, message: string) {
    super(message);
    this.name = 'HostActionError';
    this.errorCode = errorCode;
  }
}

/** The machine that the agent runs on: all that the agent can't do by talking MQTT. */
export interface AgentHost {
  /** Changes with every boot and never in between. */
  bootId(): string;
  identity(): HostIdentity;
  uptimeSeconds(): number;
  playerProcess(): Promise<PlayerProcess>;
  readMetrics(): Promise<HostMetrics>;
  /**
   * Restarts the player; resolves when it runs again.
   * @throws HostActionError when it could not
   */
  restartApp(command: CommandMessage): Promise<void>;
  /**
   * Reboots. Calls `lastWords` once it is sure that it can, and waits for them before it does it. The agent's process
   * normally doesn't live to see the promise resolve.
   * @throws HostActionError when it could not
   */
  reboot(command: CommandMessage, lastWords: () => Promise<void>): Promise<void>;
  /** Powers off, on the same terms as `reboot`. */
  shutdown(command: CommandMessage, lastWords: () => Promise<void>): Promise<void>;
}
