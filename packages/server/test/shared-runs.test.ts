import { describe, expect, it } from '@jest/globals';
import { createSharedRuns } from '../src/http/shared-runs.ts';

/** Runs that end when they are told to. */
function runs() {
  const ends: { done: (value: string) => void; fail: (error: Error) => void }[] = [];
  const run = () => new Promise<string>((done, fail) => ends.push({ done, fail }));
  return { run, ends };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('those who ask for the same at the same moment', () => {
  it('share one run, and those who come while it is under way the next, however many they are', async () => {
    const shared = createSharedRuns<string>();
    const { run, ends } = runs();
    const first = shared('a', run);
    const later = [shared('a', run), shared('a', run), shared('a', run)];
    expect(ends).toHaveLength(1);
    ends[0]?.done('old');
    expect(await first).toBe('old');
    await turn();
    expect(ends).toHaveLength(2);
    ends[1]?.done('new');
    expect(await Promise.all(later)).toEqual(['new', 'new', 'new']);
  });

  it('never get what was read before they asked', async () => {
    const shared = createSharedRuns<number>();
    let stored = 1;
    let begun = 0;
    const read = async () => {
      begun += 1;
      const seen = stored;
      await turn();
      return seen;
    };
    const before = shared('a', read);
    stored = 2;
    const after = shared('a', read);
    expect([await before, await after, begun]).toEqual([1, 2, 2]);
  });

  it('share a failure with nobody who asked later', async () => {
    const shared = createSharedRuns<string>();
    const { run, ends } = runs();
    const failed = shared('a', run).catch((error: Error) => error.message);
    const next = shared('a', run);
    ends[0]?.fail(new Error('lost'));
    expect(await failed).toBe('lost');
    await turn();
    ends[1]?.done('fine');
    expect(await next).toBe('fine');
  });

  it('do not wait for those who ask for something else', async () => {
    const shared = createSharedRuns<string>();
    const { run, ends } = runs();
    void shared('a', run);
    const other = shared('b', run);
    ends[1]?.done('b');
    expect(await other).toBe('b');
    ends[0]?.done('a');
  });
});
