import type { ProcessStatus } from '../mqtt/payloads.ts';

/** Status of a client, worst last but one: the first rule of `clientStatus` that applies. */
export const CLIENT_STATUSES = ['never_seen', 'unreachable', 'crashed', 'degraded', 'healthy'] as const;
export type ClientStatus = (typeof CLIENT_STATUSES)[number];

export const CRASH_REASONS = ['process_crashed', 'heartbeat_stale'] as const;
export type CrashReason = (typeof CRASH_REASONS)[number];

/** Above these a screen's health counts as broken. */
export const HEALTH_LIMITS = {
  cpuPercent: 98,
  memoryPercent: 97,
  diskPercent: 97,
  temperatureC: 85,
} as const;

/** What is known of a client. Times are the server's, in milliseconds since the epoch. */
export interface ClientFacts {
  /** Last message of any kind that the device itself sent. */
  readonly lastMessageAt: number | null;
  /** Last heartbeat or health report. */
  readonly lastAliveAt: number | null;
  readonly presenceOnline: boolean | null;
  readonly processStatus: ProcessStatus | null;
  readonly hasOpenFailure: boolean;
  readonly isRecoveryExhausted: boolean;
  readonly metrics: {
    readonly cpuPercent: number | null;
    readonly memoryPercent: number | null;
    readonly diskPercent: number | null;
    readonly temperatureC: number | null;
  };
}

/** Both times in milliseconds; `graceMs` is `HEARTBEAT_GRACE_SECONDS`. */
export interface ClientClock {
  readonly now: number;
  readonly graceMs: number;
}

const isFresh = (at: number | null, { now, graceMs }: ClientClock) => at !== null && now - at < graceMs;

/** Alive: a heartbeat or health report arrived within the grace. */
export function isAlive(lastAliveAt: number | null, clock: ClientClock): boolean {
  return isFresh(lastAliveAt, clock);
}

/** Unreachable: no message of any kind within the grace, or its presence says offline. */
export function isUnreachable(
  facts: Pick<ClientFacts, 'lastMessageAt' | 'presenceOnline'>,
  clock: ClientClock,
): boolean {
  return facts.presenceOnline === false || !isFresh(facts.lastMessageAt, clock);
}

/** Why a client counts as crashed; `null` where it doesn't. A heartbeat that never came isn't stale. */
export function crashReason(
  facts: Pick<ClientFacts, 'lastAliveAt' | 'processStatus'>,
  clock: ClientClock,
): CrashReason | null {
  if (facts.processStatus === 'crashed') return 'process_crashed';
  return facts.lastAliveAt === null || isAlive(facts.lastAliveAt, clock) ? null : 'heartbeat_stale';
}

export function hasBrokenHealth({ metrics }: Pick<ClientFacts, 'metrics'>): boolean {
  return (Object.keys(HEALTH_LIMITS) as (keyof typeof HEALTH_LIMITS)[]).some(
    (name) => (metrics[name] ?? Number.NEGATIVE_INFINITY) >= HEALTH_LIMITS[name],
  );
}

/** The one rule for a client's status: the first that applies. Pure. */
export function clientStatus(facts: ClientFacts, clock: ClientClock): ClientStatus {
  if (facts.lastMessageAt === null) return 'never_seen';
  if (isUnreachable(facts, clock)) return 'unreachable';
  if (crashReason(facts, clock) !== null) return 'crashed';
  if (facts.hasOpenFailure || facts.isRecoveryExhausted || hasBrokenHealth(facts)) return 'degraded';
  return 'healthy';
}
