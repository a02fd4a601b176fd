import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ACK_STATUSES,
  COMMAND_ACTIONS,
  COMMAND_ERROR_CODES,
  COMMAND_STATUSES,
  type CommandStatus,
  END_STATUSES,
  EVENT_OF_ACK,
  EXPIRY_ERROR_CODES,
  isEnd,
  isLockoutAction,
  LIFECYCLE_EVENTS,
  type LifecycleEvent,
  nextStatus,
  TRANSITIONS,
} from '../../src/index.ts';

/** The legal transitions, written out by hand: the table must say exactly this. */
const LEGAL: Record<LifecycleEvent, Partial<Record<CommandStatus, CommandStatus>>> = {
  claim: { queued: 'publish_in_progress', publish_in_progress: 'publish_in_progress' },
  broker_ack: { publish_in_progress: 'published' },
  device_accepted: { publish_in_progress: 'ack_received', published: 'ack_received' },
  device_started: {
    publish_in_progress: 'execution_started',
    published: 'execution_started',
    ack_received: 'execution_started',
  },
  device_completed: sent('completed'),
  device_failed: sent('failed'),
  device_blocked: sent('blocked_safety'),
  expire: { queued: 'expired', ...sent('expired') },
  cancel: { queued: 'cancelled' },
  client_deleted: sent('failed'),
};

function sent(to: CommandStatus) {
  return { publish_in_progress: to, published: to, ack_received: to, execution_started: to };
}

const anyStatus = fc.constantFrom(...COMMAND_STATUSES);
const anyEvent = fc.constantFrom(...LIFECYCLE_EVENTS);
const orderOf = (status: CommandStatus) => COMMAND_STATUSES.indexOf(status);

describe('the lifecycle', () => {
  it.each(LIFECYCLE_EVENTS.flatMap((event) => COMMAND_STATUSES.map((from) => [event, from] as const)))(
    'knows what %s does in %s',
    (event, from) => {
      expect(nextStatus(from, event)).toBe(LEGAL[event][from]);
    },
  );

  it('leads out of no end', () => {
    for (const from of END_STATUSES)
      for (const event of LIFECYCLE_EVENTS) expect(nextStatus(from, event)).toBeUndefined();
  });

  it('only ever rises in the order of the statuses, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(anyStatus, fc.array(anyEvent, { maxLength: 30 }), (start, events) => {
        let status: CommandStatus = start;
        for (const event of events) {
          const next = nextStatus(status, event) ?? status;
          expect(orderOf(next)).toBeGreaterThanOrEqual(orderOf(status));
          if (isEnd(status)) expect(next).toBe(status);
          status = next;
        }
      }),
    );
  });

  it('lets every living command end by time alone', () => {
    for (const status of COMMAND_STATUSES)
      expect(nextStatus(status, 'expire')).toBe(isEnd(status) ? undefined : 'expired');
  });

  it('brings a command to each of its ends', () => {
    const reached = new Set<CommandStatus>(LIFECYCLE_EVENTS.map((event) => TRANSITIONS[event].to));
    for (const end of END_STATUSES) expect(reached).toContain(end);
  });

  it('believes nothing that a device says of a command that was not sent', () => {
    for (const status of ACK_STATUSES) expect(nextStatus('queued', EVENT_OF_ACK[status])).toBeUndefined();
  });
});

describe('an expired command', () => {
  it('has a code for each state in which its time can run out, and that code has a meaning', () => {
    expect(Object.keys(EXPIRY_ERROR_CODES).sort()).toEqual([...TRANSITIONS.expire.from].sort());
    for (const code of Object.values(EXPIRY_ERROR_CODES)) expect(COMMAND_ERROR_CODES).toHaveProperty(code);
  });

  it('says how far it came', () => {
    expect(EXPIRY_ERROR_CODES).toEqual({
      queued: 'not_published',
      publish_in_progress: 'not_published',
      published: 'no_ack',
      ack_received: 'no_execution',
      execution_started: 'no_result',
    });
  });
});

describe('the lockout', () => {
  it('covers restarts of host and app, and never keeps anybody from switching a screen off', () => {
    expect(COMMAND_ACTIONS.filter(isLockoutAction)).toEqual(['reboot_host', 'restart_app']);
  });
});
