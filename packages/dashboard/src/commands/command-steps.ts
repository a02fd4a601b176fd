import type { CommandEventKind, CommandEventSource, CommandStatus } from '@infoscreen/shared-types';
import type { CommandWithTimeline } from '../api/api-types.ts';

/** One line of a command's timeline. */
export interface CommandStep {
  readonly kind: CommandEventKind;
  readonly status: CommandStatus;
  readonly at: string;
  readonly source: CommandEventSource;
  readonly actor: string;
  /** Since the step before it, in milliseconds; `null` for the first. */
  readonly tookMs: number | null;
  readonly errorCode: string | null;
  readonly detail: string | null;
}

/** The timeline as people read it, oldest first: how long each step took. Pure. */
export function commandSteps({ timeline }: Pick<CommandWithTimeline, 'timeline'>): CommandStep[] {
  return timeline.map((event, index) => {
    const before = timeline[index - 1];
    return {
      kind: event.kind,
      status: event.to,
      at: event.serverTime,
      source: event.source,
      actor: event.actor,
      tookMs: before === undefined ? null : Date.parse(event.serverTime) - Date.parse(before.serverTime),
      errorCode: event.errorCode,
      detail: event.detail,
    };
  });
}

/**
 * - `proven`: it was seen to have happened
 * - `missing`: it was not, though it should have been
 * - `open`: it is still watched for
 * - `reported`: the screen's own word is all there is, as for an app
 * - `none`: it hasn't ended yet, or ended without doing anything
 */
export type Proof = 'proven' | 'missing' | 'open' | 'reported' | 'none';

/** What is known of a command's effect. Pure. */
export function proofOf({
  action,
  status,
  effectObserved,
}: Pick<CommandWithTimeline, 'action' | 'status' | 'effectObserved'>): Proof {
  if (effectObserved !== null) return effectObserved ? 'proven' : 'missing';
  if (status !== 'completed') return 'none';
  return action === 'restart_app' ? 'reported' : 'open';
}
