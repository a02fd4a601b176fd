import { describe, expect, it } from '@jest/globals';
import { DatabaseClock } from '../src/telemetry/database-clock.ts';

const HOUR_AHEAD = 3_600_000;

describe('the clock of the database', () => {
  it('is known by the fastest answer, not by the last one', () => {
    const clock = new DatabaseClock();
    clock.learn(1000 + HOUR_AHEAD, 1002);
    clock.learn(2000 + HOUR_AHEAD, 4500);
    expect(clock.timeOf(5000)).toEqual(new Date(5000 + HOUR_AHEAD - 2));
  });

  it('never puts a later moment before an earlier one while answers get slower and faster', () => {
    const clock = new DatabaseClock();
    const times = [3, 900, 1, 2500, 40, 0].map((delayMs, index) => {
      const at = 1000 * index;
      clock.learn(at + HOUR_AHEAD, at + delayMs);
      return clock.timeOf(at).getTime();
    });
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('forgets what it knew before one of the clocks was set', () => {
    const clock = new DatabaseClock();
    clock.learn(1000 + HOUR_AHEAD, 1001);
    clock.learn(40_000, 40_001);
    expect(clock.timeOf(50_000)).toEqual(new Date(49_999));
  });

  it('is not guessed', () => {
    expect(() => new DatabaseClock().timeOf(0)).toThrow('was not read yet');
  });
});
