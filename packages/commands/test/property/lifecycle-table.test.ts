import {
  COMMAND_STATUSES,
  type CommandStatus,
  EVENT_OF_ACK,
  isEnd,
  LIFECYCLE_EVENTS,
  type LifecycleEvent,
  nextStatus,
} from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from './env.ts';

/** How far a command came, in steps; each end is one step after the last. */
const RANK: Readonly<Record<CommandStatus, number>> = {
  queued: 0,
  publish_in_progress: 1,
  published: 2,
  ack_received: 3,
  execution_started: 4,
  completed: 5,
  failed: 5,
  expired: 5,
  blocked_safety: 5,
  cancelled: 5,
};

/** The lifecycle told a second time, by rank: from where to where, and the state that it leads to. */
const MODEL: Readonly<Record<LifecycleEvent, readonly [from: number, to: number, state: CommandStatus]>> = {
  claim: [0, 1, 'publish_in_progress'],
  broker_ack: [1, 1, 'published'],
  device_accepted: [1, 2, 'ack_received'],
  device_started: [1, 3, 'execution_started'],
  device_completed: [1, 4, 'completed'],
  device_failed: [1, 4, 'failed'],
  device_blocked: [1, 4, 'blocked_safety'],
  expire: [0, 4, 'expired'],
  cancel: [0, 0, 'cancelled'],
  client_deleted: [1, 4, 'failed'],
};

function modelled(status: CommandStatus, event: LifecycleEvent): CommandStatus {
  const [from, to, state] = MODEL[event];
  return RANK[status] >= from && RANK[status] <= to ? state : status;
}

const apply = (status: CommandStatus, event: LifecycleEvent) => nextStatus(status, event) ?? status;
const anyStatus = fc.constantFrom(...COMMAND_STATUSES);
const anyEvent = fc.constantFrom(...LIFECYCLE_EVENTS);
const anyStory = fc.array(anyEvent, { maxLength: 40 });
const settings = { numRuns: propertyRuns() * 10 };

describe('the table of transitions, for any events in any order,', () => {
  it('leads where a second telling of the lifecycle leads', () => {
    const holds = (start: CommandStatus, story: readonly LifecycleEvent[]) =>
      expect(story.reduce(apply, start)).toBe(story.reduce(modelled, start));
    fc.assert(fc.property(anyStatus, anyStory, holds), settings);
  });

  it('never leads back, and never out of an end', () => {
    const holds = (start: CommandStatus, story: readonly LifecycleEvent[]) => {
      let status = start;
      for (const event of story) {
        const next = apply(status, event);
        expect(RANK[next]).toBeGreaterThanOrEqual(RANK[status]);
        if (isEnd(status)) expect(next).toBe(status);
        status = next;
      }
    };
    fc.assert(fc.property(anyStatus, anyStory, holds), settings);
  });

  it('is not changed by a copy of an event that has moved the command, however late it comes', () => {
    const holds = (start: CommandStatus, event: LifecycleEvent, later: readonly LifecycleEvent[]) => {
      if (nextStatus(start, event) === undefined) return;
      const after = [event, ...later].reduce(apply, start);
      expect(apply(after, event)).toBe(after);
    };
    fc.assert(fc.property(anyStatus, anyEvent, anyStory, holds), settings);
  });

  it('ends in the reported result, in whatever order and however often the reports of one execution come', () => {
    const sent = fc.constantFrom('publish_in_progress' as const, 'published' as const);
    const reports = fc
      .constantFrom('completed' as const, 'failed' as const, 'blocked_safety' as const)
      .chain((end) => {
        const steps = ['accepted', 'execution_started', end] as const;
        return fc
          .array(fc.constantFrom(...steps), { maxLength: 12 })
          .chain((repeats) => shuffled([...steps, ...repeats]))
          .map((order) => ({ end, order }));
      });
    fc.assert(
      fc.property(sent, reports, (start, { end, order }) => {
        const events = order.map((status) => EVENT_OF_ACK[status]);
        expect(events.reduce(apply, start as CommandStatus)).toBe(end);
      }),
      settings,
    );
  });
});

function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length });
}
