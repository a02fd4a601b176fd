import type { ScreenRecords } from '../books/records.ts';

// What the process of the screens and the one that started it say to each other.

export interface ScreenAccount {
  readonly uuid: string;
  readonly password: string;
  readonly mqttPort: number;
}

export interface ScreensSetup {
  readonly accounts: readonly ScreenAccount[];
  readonly seed: number;
  readonly acksPerSecond: number;
  readonly failuresPerSecond: number;
  readonly heartbeatSeconds: number;
  readonly healthSeconds: number;
  /** The naive twin: runs a command as often as it arrives, in whichever boot. */
  readonly isNaive: boolean;
}

export interface ScreenCounts {
  readonly online: number;
  readonly acksTaken: number;
  readonly failuresTaken: number;
  readonly executions: number;
}

export type ToScreens =
  | { readonly kind: 'start'; readonly setup: ScreensSetup }
  /** No repetitions and no new failures from now on. */
  | { readonly kind: 'calm_down' }
  | { readonly kind: 'report' };

export type FromScreens =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started' }
  | { readonly kind: 'counts'; readonly counts: ScreenCounts }
  | { readonly kind: 'records'; readonly records: ScreenRecords };
