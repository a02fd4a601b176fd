import { describe, expect, it } from '@jest/globals';
import { RULES, type Rule } from '../src/books/finding.ts';
import { judge } from '../src/books/judge.ts';
import { failureKey, type Records } from '../src/books/records.ts';
import { CLIENT, COMMAND, execution, records, START, step, storedCommand, through } from './records.ts';

const rulesOf = (given: Records): Rule[] => judge(given).findings.map(({ rule }) => rule);
const ack = { clientUuid: CLIENT, commandId: COMMAND, takenAt: [START + 1600] };
const failure = { clientUuid: CLIENT, unit: 'kiosk.service', failedAt: START + 10, takenAt: START + 20 };
const boot = (number: number, afterMs: number) => ({
  clientUuid: CLIENT,
  bootId: `boot-${number}`,
  at: START + afterMs,
});
const aroundTheFailure = [{ from: START, to: START + 100 }];
const aroundTheAck = [{ from: START + 1500, to: START + 1700 }];
/** Nothing ran and nothing was said. */
const silent = { executions: [], said: [], acks: [] };

/** For each rule, records that break it and no other one; `mostly_completed` may come with it. */
const BROKEN: Readonly<Record<Exclude<Rule, 'no_service_ends_by_itself'>, readonly [string, Records][]>> = {
  accepted_is_stored: [['a 202 without a row', records({ stored: [], screens: silent })]],
  one_command_per_request: [
    [
      'two answers to one key',
      records({
        accepted: [{}, { commandId: 'other' }],
        stored: [storedCommand(), storedCommand({ commandId: 'other', reason: 'key-2' })],
        screens: { executions: [execution, { ...execution, commandId: 'other' }] },
      }),
    ],
    [
      'a second row of the same key, whose answer never arrived',
      records({
        stored: [storedCommand(), storedCommand({ commandId: 'other' })],
        screens: { executions: [execution, { ...execution, commandId: 'other' }] },
      }),
    ],
  ],
  somebody_asked_for_it: [
    ['a command without the reason of its request', records({ stored: [storedCommand({ reason: null })] })],
    ['a command of no request', records({ stored: [storedCommand({ reason: 'key-3' })] })],
  ],
  one_end: [
    [
      'no end',
      records({
        stored: [
          storedCommand({
            status: 'published',
            timeline: through('queued', 'publish_in_progress', 'published'),
          }),
        ],
        screens: { ...silent, executions: [execution] },
      }),
    ],
    [
      'a row that its timeline contradicts',
      records({ stored: [storedCommand({ timeline: through('queued', 'publish_in_progress', 'failed') })] }),
    ],
  ],
  legal_timeline: [
    [
      'a step that the table does not know',
      records({ stored: [storedCommand({ timeline: through('queued', 'completed') })] }),
    ],
    [
      'a gap',
      records({
        stored: [storedCommand({ timeline: [step(null, 'queued'), step('published', 'completed')] })],
      }),
    ],
    [
      'a beginning in the middle',
      records({ stored: [storedCommand({ timeline: through('published', 'completed') })] }),
    ],
  ],
  at_most_one_execution: [['two executions', records({ screens: { executions: [execution, execution] } })]],
  no_execution_after_expiry: [
    [
      'an execution at its expires_at',
      records({ screens: { executions: [{ ...execution, at: execution.expiresAt }] } }),
    ],
  ],
  completed_is_true: [
    ['completed, never ran', records({ screens: { executions: [] } })],
    [
      'a restart of the app, and a reboot instead',
      records({ screens: { executions: [], boots: [boot(1, -500), boot(2, 5)] } }),
    ],
    [
      'a reboot, and a boot before it was asked for',
      records({
        stored: [storedCommand({ action: 'reboot_host' })],
        screens: { executions: [], boots: [boot(0, -500), boot(1, -5)] },
      }),
    ],
  ],
  result_was_said: [
    ['failed without a word', records({ stored: [storedCommand({ status: 'failed' })], screens: silent })],
    [
      'blocked_safety without a word',
      records({ stored: [storedCommand({ status: 'blocked_safety' })], screens: silent }),
    ],
  ],
  late_outcome_is_kept: [
    [
      'ran, expired, and nothing beside it',
      records({ stored: [storedCommand({ status: 'expired' })], screens: { said: [], acks: [] } }),
    ],
  ],
  cancelled_never_ran: [
    [
      'cancelled, and ran',
      records({ stored: [storedCommand({ status: 'cancelled' })], screens: { said: [], acks: [] } }),
    ],
  ],
  cancellation_holds: [
    ['cancelled with a 200, and completed', records({ accepted: [{ isCancelled: true }] })],
  ],
  mostly_completed: [
    ['nothing completed', records({ stored: [storedCommand({ status: 'expired' })], screens: silent })],
  ],
  ack_is_stored: [
    [
      'a result that the row does not show',
      records({
        stored: [storedCommand({ status: 'expired' })],
        screens: { executions: [], acks: [{ ...ack, status: 'completed' }] },
      }),
    ],
    [
      'a step that the row never reached',
      records({
        stored: [storedCommand({ status: 'cancelled' })],
        screens: { ...silent, acks: [{ ...ack, commandId: 'unknown', status: 'accepted' }] },
      }),
    ],
  ],
  result_is_made_good: [
    [
      'a result that a killed broker lost, and no heartbeat told again',
      records({
        stored: [storedCommand({ status: 'expired' })],
        screens: { executions: [], acks: [{ ...ack, status: 'completed' }] },
        lossWindows: aroundTheAck,
      }),
    ],
  ],
  failure_is_stored: [
    ['a failure that is nowhere', records({ screens: { failures: [{ ...failure, isOpen: false }] } })],
  ],
  open_failure_is_made_good: [
    [
      'an open one that a killed broker lost',
      records({ screens: { failures: [{ ...failure, isOpen: true }] }, lossWindows: aroundTheFailure }),
    ],
  ],
};

describe('the books', () => {
  it('have nothing to say of a command that was accepted, ran once and is completed', () => {
    expect(judge(records())).toMatchObject({ findings: [], accepted: 1, completedShare: 1, executions: 1 });
  });

  it('have a case for every rule', () => {
    expect([...Object.keys(BROKEN), 'no_service_ends_by_itself'].sort()).toEqual([...RULES].sort());
  });

  const cases = Object.entries(BROKEN).flatMap(([rule, broken]) =>
    broken.map(([what, given]) => [rule as Rule, what, given] as const),
  );
  it.each(cases)('find by %s: %s', (rule, _what, given) => {
    const found = rulesOf(given).filter((one) => one === rule || one !== 'mostly_completed');
    expect(found).toEqual([rule]);
  });
});

describe('the books accept as true', () => {
  it.each([
    [
      'a reboot that the screen did by itself since',
      records({
        stored: [storedCommand({ action: 'reboot_host' })],
        screens: { executions: [], boots: [boot(1, -500), boot(2, 5)] },
      }),
    ],
    [
      'a reboot of which the server had not yet heard when it was asked for one',
      records({
        stored: [storedCommand({ action: 'reboot_host' })],
        screens: { executions: [], boots: [boot(1, -500), boot(2, -5)] },
      }),
    ],
    [
      'an expired command that ran, with its late outcome',
      records({ stored: [storedCommand({ status: 'expired', lateOutcome: 'completed' })] }),
    ],
    [
      'a failure that the screen reported',
      records({
        stored: [storedCommand({ status: 'failed' })],
        screens: {
          ...silent,
          said: [{ commandId: COMMAND, status: 'failed', at: START }],
          acks: [{ ...ack, status: 'failed' }],
        },
      }),
    ],
    [
      'a step that a killed broker lost',
      records({
        stored: [storedCommand({ status: 'expired' })],
        screens: { ...silent, acks: [{ ...ack, status: 'accepted' }] },
        lossWindows: aroundTheAck,
      }),
    ],
    [
      'a failure that is in the database',
      records({
        screens: { failures: [{ ...failure, isOpen: false }] },
        storedFailures: new Set([failureKey(failure)]),
      }),
    ],
  ])('%s', (_what, given) => {
    expect(rulesOf(given).filter((rule) => rule !== 'mostly_completed')).toEqual([]);
  });

  it('a failure of a moment that a killed broker lost, and count it apart', () => {
    const { findings, loss } = judge(
      records({ screens: { failures: [{ ...failure, isOpen: false }] }, lossWindows: aroundTheFailure }),
    );
    expect(findings).toEqual([]);
    expect(loss).toMatchObject({
      failuresTaken: 1,
      failuresTakenBeforeKill: 1,
      failuresLostWithBroker: 1,
      acksTaken: 1,
      acksTakenBeforeKill: 0,
    });
  });
});
