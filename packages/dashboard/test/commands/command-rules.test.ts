import { describe, expect, it } from '@jest/globals';
import { commandFiltersOf, commandParametersOf, commandQueryOf } from '../../src/commands/command-filters.ts';
import { commandSteps, proofOf } from '../../src/commands/command-steps.ts';

describe('the timeline', () => {
  const event = (to: 'queued' | 'published', serverTime: string) => ({
    kind: 'transition' as const,
    from: null,
    to,
    source: 'api' as const,
    actor: 'admin',
    deviceTime: null,
    serverTime,
    errorCode: null,
    detail: null,
  });

  it('tells how long each step took', () => {
    const steps = commandSteps({
      timeline: [event('queued', '2026-03-01T12:00:00.000Z'), event('published', '2026-03-01T12:00:00.020Z')],
    });
    expect(steps.map(({ status, tookMs }) => [status, tookMs])).toEqual([
      ['queued', null],
      ['published', 20],
    ]);
  });

  it.each([
    ['reboot_host', 'completed', true, 'proven'],
    ['reboot_host', 'expired', true, 'proven'],
    ['reboot_host', 'completed', false, 'missing'],
    ['shutdown_host', 'completed', null, 'open'],
    ['restart_app', 'completed', null, 'reported'],
    ['reboot_host', 'execution_started', null, 'none'],
    ['restart_app', 'blocked_safety', null, 'none'],
    ['restart_app', 'failed', null, 'none'],
    ['reboot_host', 'expired', null, 'none'],
    ['reboot_host', 'cancelled', null, 'none'],
  ] as const)('says of the effect of a %s that is %s and was observed: %s: %s', (...given) => {
    const [action, status, effectObserved, proof] = given;
    expect(proofOf({ action, status, effectObserved })).toBe(proof);
  });
});

describe('the history', () => {
  const filters = (query: string) => commandFiltersOf(new URLSearchParams(query));

  it('is filtered by its address', () => {
    const query = 'status=failed&action=reboot_host&person=admin&from=2026-03-01&to=2026-03-02';
    expect(new URLSearchParams(commandParametersOf(filters(query))).toString()).toBe(query);
  });

  it('leaves out of an address what it does not know', () => {
    expect(commandParametersOf(filters('status=x&action=y&from=today&to=2026-99-99'))).toEqual({});
  });

  it('shows whole days, the last one included', () => {
    const { from, to } = commandQueryOf(filters('from=2026-03-01&to=2026-03-01'));
    expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(24 * 3600 * 1000);
  });
});
