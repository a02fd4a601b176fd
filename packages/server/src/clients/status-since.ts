import type { ClientStatus, ProcessStatus } from '@infoscreen/shared-types';

/** What tells since when a client is as it is; times are the server's. */
export interface SinceFacts {
  readonly created_at: Date;
  readonly last_alive: Date | null;
  readonly last_message_at: Date | null;
  readonly process_status: ProcessStatus | null;
  readonly crashed_at: Date | null;
  readonly presence_online: boolean | null;
  readonly presence_at: Date | null;
  /** When the oldest of its open failures was reported. */
  readonly failing_since: Date | null;
  readonly recovery_exhausted_at: Date | null;
  readonly told_status: ClientStatus | null;
  /** Null while nobody compares statuses. */
  readonly told_since: Date | null;
}

/**
 * Since when a client has been in this status: what caused it where its time is known, else the comparison that first found
 * it so. Null where neither is known. Pure.
 */
export function statusSince(facts: SinceFacts, status: ClientStatus, graceSeconds: number): Date | null {
  const told = facts.told_status === status ? facts.told_since : null;
  switch (status) {
    case 'never_seen':
      return facts.created_at;
    case 'unreachable':
      return silentSince(facts, graceSeconds);
    case 'crashed':
      return facts.process_status === 'crashed' ? (facts.crashed_at ?? told) : facts.last_alive;
    case 'degraded':
      return earliest([facts.failing_since, facts.recovery_exhausted_at, told]);
    case 'healthy':
      return told;
    default:
      return status satisfies never;
  }
}

/** A screen that had been silent for the grace was unreachable before the broker said that it is offline. */
function silentSince(facts: SinceFacts, graceSeconds: number): Date | null {
  const { presence_online, presence_at, last_message_at } = facts;
  if (presence_online !== false || presence_at === null || last_message_at === null) return last_message_at;
  const wasSilent = last_message_at.getTime() + graceSeconds * 1000 <= presence_at.getTime();
  return wasSilent ? last_message_at : presence_at;
}

function earliest(times: readonly (Date | null)[]): Date | null {
  return times.reduce(
    (first, time) => (first === null || (time !== null && time < first) ? time : first),
    null,
  );
}
