import { decideRecovery, HEALTHY_AGAIN_SECONDS, type Ladder } from '@infoscreen/scheduler';
import { describe, expect, it } from '@jest/globals';

const NOW = Date.parse('2031-01-01T12:00:00Z');
const settings = { restarts: 3, backoffSeconds: 300 };
const decide = (condition: Parameters<typeof decideRecovery>[0], ladder: Partial<Ladder> | null) =>
  decideRecovery(
    condition,
    ladder === null ? null : { attempts: 1, nextAt: NOW, isExhausted: false, healthySince: null, ...ladder },
    { now: NOW, settings },
  );

describe('the ladder of crash recovery', () => {
  it.each([
    [0, 'restart_app', 300],
    [1, 'restart_app', 600],
    [2, 'restart_app', 1200],
    [3, 'reboot_host', 2400],
  ] as const)(
    'after %s commands that did not help sends %s, and then waits %s s',
    (attempts, action, nextInSeconds) => {
      expect(decide('crashed', { attempts })).toEqual({ do: 'command', action, nextInSeconds });
    },
  );

  it('begins with a restart of the app', () => {
    expect(decide('crashed', null)).toEqual({ do: 'command', action: 'restart_app', nextInSeconds: 300 });
  });

  it('ends after the reboot that did not help', () => {
    expect(decide('crashed', { attempts: 4 })).toEqual({ do: 'exhaust' });
  });

  it('does nothing before its next time, when exhausted, or for a client that is offline', () => {
    expect(decide('crashed', { nextAt: NOW + 1 })).toEqual({ do: 'nothing' });
    expect(decide('crashed', { isExhausted: true, nextAt: null })).toEqual({ do: 'nothing' });
    expect(decide('offline', null)).toEqual({ do: 'nothing' });
    expect(decide('offline', { attempts: 2 })).toEqual({ do: 'nothing' });
  });

  it('is left after ten minutes of health in a row, exhausted or not', () => {
    const wellFor = (seconds: number) => ({ healthySince: NOW - seconds * 1000 });
    expect(decide('well', {})).toEqual({ do: 'note_well' });
    expect(decide('well', wellFor(HEALTHY_AGAIN_SECONDS - 1))).toEqual({ do: 'nothing' });
    expect(decide('well', wellFor(HEALTHY_AGAIN_SECONDS))).toEqual({ do: 'forget' });
    expect(decide('well', { ...wellFor(HEALTHY_AGAIN_SECONDS), isExhausted: true })).toEqual({
      do: 'forget',
    });
    expect(decide('crashed', wellFor(HEALTHY_AGAIN_SECONDS - 1))).toEqual({ do: 'note_unwell' });
    expect(decide('offline', wellFor(HEALTHY_AGAIN_SECONDS))).toEqual({ do: 'note_unwell' });
    expect(decide('well', null)).toEqual({ do: 'nothing' });
  });
});
