import type { BurstOrder } from './burst.ts';

/** Telemetry at a steady pace: heartbeats and health reports in turn, of one screen after the other. */
export interface SteadyOrder
  extends Pick<BurstOrder, 'host' | 'port' | 'username' | 'password' | 'connections'> {
  readonly clientUuids: readonly string[];
  readonly messagesPerSecond: number;
  readonly seconds: number;
  /** `uptime_s` of the health reports. */
  readonly round: number;
}

/** Milliseconds since the epoch. */
export interface SteadyResult {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly messages: number;
}
