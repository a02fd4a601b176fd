import { describe, expect, it } from '@jest/globals';
import { retryAfterSeconds } from '../../src/api/api-error.ts';
import { newIdempotencyKey, queryText } from '../../src/api/call-api.ts';

describe('Retry-After', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');

  it.each([
    ['30', 30],
    ['Sun, 01 Mar 2026 12:00:10 GMT', 10],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['soon', null],
    [null, null],
  ])('%s is %s seconds', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });
});

describe('a question to the API', () => {
  it('leaves out what is empty, and escapes what is not', () => {
    expect(queryText({ text: 'a & b=c', group: '', status: undefined, cursor: null, limit: 200 })).toBe(
      '?text=a+%26+b%3Dc&limit=200',
    );
    expect(queryText({})).toBe('');
  });

  it('has a key of its own for each intention', () => {
    const keys = new Set(Array.from({ length: 100 }, newIdempotencyKey));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });
});
