import type { AckStatus, CommandAction, CommandStatus } from '@infoscreen/shared-types';

// What the books are made from. All times in milliseconds since the epoch; all clocks are this machine's.

/** A command that the API answered with 202. */
export interface AcceptedCommand {
  readonly commandId: string;
  /** Its `Idempotency-Key`, which stands in the command's `reason` too. */
  readonly key: string;
  readonly clientUuid: string;
  readonly action: CommandAction;
  readonly acceptedAt: number;
  /** Whether a cancellation of it was answered with 200. */
  readonly isCancelled: boolean;
}

export interface StoredEvent {
  readonly kind: string;
  readonly from: CommandStatus | null;
  readonly to: CommandStatus;
  readonly source: string;
  readonly actor: string;
  readonly at: number;
  readonly detail: string | null;
}

/** A row of `client_commands` with its timeline, oldest event first. */
export interface StoredCommand {
  readonly commandId: string;
  readonly clientUuid: string;
  readonly action: CommandAction;
  readonly status: CommandStatus;
  readonly reason: string | null;
  /** The boot that it was meant for; `null` when the client had never reported one. */
  readonly bootId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly errorCode: string | null;
  readonly lateOutcome: string | null;
  readonly timeline: readonly StoredEvent[];
}

export interface ExecutionRecord {
  readonly clientUuid: string;
  readonly commandId: string;
  readonly action: CommandAction;
  readonly at: number;
  readonly expiresAt: number;
}

export interface BootRecord {
  readonly clientUuid: string;
  readonly bootId: string;
  readonly at: number;
}

/** What a screen said of a command, whether or not anybody took it; repetitions in heartbeats included. */
export interface SaidRecord {
  readonly commandId: string;
  readonly status: AckStatus;
  /** For the first time. */
  readonly at: number;
}

/** ACKs of one command and status that the broker took from the screen. */
export interface TakenAcks {
  readonly clientUuid: string;
  readonly commandId: string;
  readonly status: AckStatus;
  readonly takenAt: readonly number[];
}

/** A `service_failed` that the broker took from the screen. */
export interface TakenFailure {
  readonly clientUuid: string;
  readonly unit: string;
  readonly failedAt: number;
  readonly takenAt: number;
  /** Whether the screen's health reports named it until the end. */
  readonly isOpen: boolean;
}

/** What the screens themselves know of what happened. */
export interface ScreenRecords {
  readonly executions: readonly ExecutionRecord[];
  readonly boots: readonly BootRecord[];
  readonly said: readonly SaidRecord[];
  readonly acks: readonly TakenAcks[];
  readonly failures: readonly TakenFailure[];
}

/** From a broker's last save to its start after its SIGKILL: what it took meanwhile may be lost. */
export interface LossWindow {
  readonly from: number;
  readonly to: number;
}

export interface Records {
  /** The key of every request that was made, answered or not. */
  readonly requested: ReadonlySet<string>;
  readonly accepted: readonly AcceptedCommand[];
  readonly stored: readonly StoredCommand[];
  /** `failureKey` of every row of `service_failures`. */
  readonly storedFailures: ReadonlySet<string>;
  readonly screens: ScreenRecords;
  readonly lossWindows: readonly LossWindow[];
}

export function failureKey(failure: Pick<TakenFailure, 'clientUuid' | 'unit' | 'failedAt'>): string {
  return `${failure.clientUuid} ${failure.unit} ${failure.failedAt}`;
}
