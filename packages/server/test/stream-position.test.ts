import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  boundedSnapshot,
  formatPosition,
  isResumable,
  MAX_POSITION_CHARACTERS,
  parsePosition,
} from '../src/events/stream-position.ts';
import { useServer } from './server-fixture.ts';

const server = useServer();

const digits = fc.bigInt({ min: 0n, max: 10n ** 19n }).map(String);
const positionText = fc
  .tuple(digits, digits, digits, fc.array(digits, { maxLength: 4 }), fc.constantFrom(':', ';', ''))
  .map(([seconds, low, high, running, colon]) => `${seconds}.${low}:${high}${colon}${running.join(',')}`);
/** Mostly in order, as Postgres writes it. */
const likelyText = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 6 })
  .map(([low, high, ...running]) => `1764000000.${low}:${high}:${running.join(',')}`);

describe('the position of a stream', () => {
  it('is read as it was written', () => {
    const position = { snapshot: '795:801:795,799', takenAtSeconds: 1_764_000_000 };
    expect(parsePosition(formatPosition(position))).toEqual(position);
  });

  it('that is read is one that Postgres can read, whatever the text was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(positionText, likelyText, fc.string()), async (text) => {
        const position = parsePosition(text);
        fc.pre(position !== null);
        const { rows } = await server.database.pool.query('SELECT $1::pg_snapshot::text AS snapshot', [
          position?.snapshot,
        ]);
        expect(rows).toHaveLength(1);
      }),
      { numRuns: 100, maxSkipsPerRun: 1000 },
    );
  });

  it.each([
    '',
    'none',
    '1.',
    '1.2:1:',
    '1.0:4:',
    '1.5:9:4',
    '1.5:9:9',
    '1.5:9:7,6',
    '1.5:9:6,6',
    '1.5:9:6,',
    `1.5:9:${'6'.repeat(2000)}`,
  ])('is none: %s', (text) => expect(parsePosition(text)).toBeNull());

  it('stays short however many transactions were open, and then shows no more than it did', () => {
    const running = Array.from({ length: 500 }, (_, n) => 1_000_000 + 2 * n);
    const snapshot = boundedSnapshot(`1000000:1001000:${running.join(',')}`);
    expect(snapshot).toBe('1000000:1000000:');
    const text = formatPosition({ snapshot: `1:9:${'2'.repeat(980)}`, takenAtSeconds: 1_764_000_000 });
    expect(text.length).toBeLessThanOrEqual(MAX_POSITION_CHARACTERS);
  });

  it('can be gone on from for a quarter of an hour, and not where it lies ahead', () => {
    const at = (takenAtSeconds: number) => isResumable({ snapshot: '1:1:', takenAtSeconds }, 10_000);
    expect([at(10_000), at(10_000 - 900), at(10_060)]).toEqual([true, true, true]);
    expect([at(10_000 - 901), at(10_061)]).toEqual([false, false]);
  });
});
