import type { BrokerLogin } from './connect-socket.ts';

/** What each screen of a burst sends, one after the other. */
export type BurstKind = 'discovery' | 'heartbeat' | 'health';

export interface BurstOrder extends BrokerLogin {
  readonly connections: number;
  readonly clientUuids: readonly string[];
  /** Of each screen, once per round. */
  readonly kinds: readonly BurstKind[];
  readonly rounds: number;
  /** Number of the first round; 1 where left out. */
  readonly firstRound?: number;
  /** Each screen tells what is new since this return of the fleet: boot and address; nothing new where left out. */
  readonly comeback?: number;
}

/** Milliseconds since the epoch. */
export interface BurstResult {
  readonly startedAt: number;
  /** When the broker had acknowledged the last one. */
  readonly endedAt: number;
  readonly messages: number;
}
