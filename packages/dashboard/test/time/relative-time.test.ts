import { describe, expect, it } from '@jest/globals';
import { durationText, relativeTime, spanSince } from '../../src/time/relative-time.ts';

const now = Date.parse('2026-03-29T12:00:00Z');
const SECOND = 1000;
const HOUR = 3600 * SECOND;

describe('a relative time', () => {
  it.each([
    [-2 * SECOND, 'jetzt'],
    [-59 * SECOND, 'vor 59 Sekunden'],
    [-60 * SECOND, 'vor 1 Minute'],
    [-119 * SECOND, 'vor 1 Minute'],
    [-3 * HOUR, 'vor 3 Stunden'],
    [-25 * HOUR, 'gestern'],
    [-40 * 24 * HOUR, 'letzten Monat'],
    [-800 * 24 * HOUR, 'vor 2 Jahren'],
    [90 * SECOND, 'in 1 Minute'],
  ])('%d ms from now is "%s"', (offset, text) => {
    expect(relativeTime(now + offset, now, 'de')).toBe(text);
  });
});

describe('a span since', () => {
  it.each([
    [-1000, 0, 'second'],
    [59_999, 59, 'second'],
    [60_000, 1, 'minute'],
    [3 * HOUR, 3, 'hour'],
    [25 * HOUR, 1, 'day'],
    [40 * 24 * HOUR, 1, 'month'],
    [800 * 24 * HOUR, 2, 'year'],
  ])('%d ms ago is %d of its largest unit, %s', (ms, count, unit) => {
    expect(spanSince(now - ms, now)).toEqual({ count, unit });
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [171, '171 ms'],
    [3210, '3,2 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [3 * HOUR, '3 h'],
    [76 * HOUR, '3 d 4 h'],
  ])('of %d ms is "%s"', (ms, text) => {
    expect(durationText(ms, 'de')).toBe(text);
  });
});
