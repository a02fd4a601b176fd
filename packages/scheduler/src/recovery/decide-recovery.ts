import type { RecoverySettings } from './recovery-settings.ts';
import { HEALTHY_AGAIN_SECONDS } from './recovery-settings.ts';

/** How a client fares, by the database's clock. `offline`: presence says so, or no message of any kind within the grace. */
export type ClientCondition = 'crashed' | 'well' | 'offline';

/** The ladder as stored. Times in milliseconds since the epoch. */
export interface Ladder {
  /** Commands issued so far: the restarts, then the reboot. */
  readonly attempts: number;
  readonly nextAt: number | null;
  readonly isExhausted: boolean;
  readonly healthySince: number | null;
}

export type RecoveryDecision =
  | { readonly do: 'command'; readonly action: 'restart_app' | 'reboot_host'; readonly nextInSeconds: number }
  | { readonly do: 'exhaust' }
  /** Well since now: the time towards leaving the ladder begins. */
  | { readonly do: 'note_well' }
  /** Not well any more: that time begins anew. */
  | { readonly do: 'note_unwell' }
  /** Well for long enough: the ladder is removed. */
  | { readonly do: 'forget' }
  | { readonly do: 'nothing' };

/**
 * The next step of one client's ladder: `restarts` restarts of the app, then one reboot, each at least a doubling backoff
 * after the one before, then exhausted. Pure.
 * @param ladder null for a client that isn't on one
 * @param now milliseconds since the epoch
 */
export function decideRecovery(
  condition: ClientCondition,
  ladder: Ladder | null,
  {
    now,
    settings,
  }: { readonly now: number; readonly settings: Pick<RecoverySettings, 'restarts' | 'backoffSeconds'> },
): RecoveryDecision {
  if (condition === 'well') return decideForWell(ladder, now);
  if (ladder !== null && ladder.healthySince !== null) return { do: 'note_unwell' };
  if (condition === 'offline' || ladder?.isExhausted === true) return { do: 'nothing' };
  if (ladder?.nextAt != null && ladder.nextAt > now) return { do: 'nothing' };

  const attempts = ladder?.attempts ?? 0;
  if (attempts > settings.restarts) return { do: 'exhaust' };
  return {
    do: 'command',
    action: attempts < settings.restarts ? 'restart_app' : 'reboot_host',
    nextInSeconds: settings.backoffSeconds * 2 ** attempts,
  };
}

function decideForWell(ladder: Ladder | null, now: number): RecoveryDecision {
  if (ladder === null) return { do: 'nothing' };
  if (ladder.healthySince === null) return { do: 'note_well' };
  return now - ladder.healthySince >= HEALTHY_AGAIN_SECONDS * 1000 ? { do: 'forget' } : { do: 'nothing' };
}
