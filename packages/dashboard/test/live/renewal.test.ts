import { eventually } from '@infoscreen/test-kit';
import { afterEach, describe, expect, it } from '@jest/globals';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { createRenewal } from '../../src/live/renewal.ts';

const FOUR_A_SECOND_MS = 250;
const ends: (() => void)[] = [];

/** A page that watches some answers, from a server that answers when it is told to. */
function watch(...keys: string[]) {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const renewal = createRenewal(queryClient);
  let waiting: { key: string; answer: (text: string) => void }[] = [];
  const asked: { key: string }[] = [];
  const given: AbortSignal[] = [];
  for (const key of keys) {
    const observer = new QueryObserver(queryClient, {
      queryKey: [key],
      queryFn: ({ signal }) => {
        asked.push({ key });
        given.push(signal);
        return new Promise<string>((answer) => waiting.push({ key, answer }));
      },
    });
    ends.push(observer.subscribe(() => {}));
  }
  ends.push(() => {
    renewal.stop();
    queryClient.clear();
  });
  return {
    renewal,
    asked,
    given,
    shown: (key: string) => queryClient.getQueryData<string>([key]),
    isWaiting: () => waiting.length > 0,
    /** Answers all requests, or those for one key. */
    answer: (text: string, only?: string) => {
      const answered = waiting.filter(({ key }) => only === undefined || key === only);
      waiting = waiting.filter((request) => !answered.includes(request));
      for (const request of answered) request.answer(text);
    },
  };
}

describe('answers that became old', () => {
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  it('are asked for once for all events of a moment, and no others are', async () => {
    const page = watch('a', 'b', 'c');
    page.answer('first');
    await eventually(() => page.shown('c') === 'first');
    for (let event = 0; event < 100; event += 1) page.renewal.gather([['a'], ['b']]);
    await eventually(page.isWaiting);
    page.answer('second');
    await eventually(() => page.shown('b') === 'second');
    expect(page.asked.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'a', 'b']);
    expect(page.shown('c')).toBe('first');
  });

  it('are asked for at most four times a second in a storm of events', async () => {
    const page = watch('a');
    page.answer('first');
    const begunAt = performance.now();
    await eventually(
      () => {
        page.renewal.gather([['a']]);
        page.answer('again');
        return page.asked.length >= 6;
      },
      { intervalMs: 1 },
    );
    // The first was of the beginning; a timer may be a little early.
    expect(performance.now() - begunAt).toBeGreaterThan(4 * FOUR_A_SECOND_MS - 20);
  });

  it('are asked for soon after a quiet while', async () => {
    const page = watch('a');
    page.answer('first');
    await eventually(() => page.shown('a') === 'first');
    page.renewal.gather([['a']]);
    const askedByThen = await new Promise((resolve) => {
      setTimeout(() => resolve(page.asked.length), FOUR_A_SECOND_MS);
    });
    expect(askedByThen).toBe(2);
  });

  it('are asked for again where the first one was under way already: it may be of before the change', async () => {
    const page = watch('a', 'b');
    page.answer('first', 'b');
    await eventually(() => page.shown('b') === 'first');
    page.renewal.gather([['a'], ['b']]);
    await eventually(() => page.asked.length === 3);
    page.answer('before the change', 'a');
    await eventually(() => page.asked.filter(({ key }) => key === 'a').length === 2);
    page.answer('after it');
    await eventually(() => page.shown('a') === 'after it');
  });

  it('are never given up for newer ones, so that a slow server is no reason to show nothing new', async () => {
    const page = watch('a');
    page.answer('first');
    await eventually(() => page.shown('a') === 'first');
    const begunAt = performance.now();
    await eventually(
      () => {
        page.renewal.gather([['a']]);
        return performance.now() - begunAt > 3 * FOUR_A_SECOND_MS;
      },
      { intervalMs: 5 },
    );
    expect(page.asked).toHaveLength(2);
    page.answer('second');
    await eventually(() => page.shown('a') === 'second');
    await eventually(page.isWaiting);
    expect(page.given.map(({ aborted }) => aborted)).toEqual([false, false, false]);
  });

  it('are all asked for anew after a gap, whatever is still under way to a server that is gone', async () => {
    const page = watch('a', 'screens');
    page.answer('first');
    await eventually(() => page.shown('a') === 'first');
    page.renewal.gather([['a']]);
    await eventually(page.isWaiting);
    page.renewal.startAnew();
    expect(page.given.map(({ aborted }) => aborted)).toEqual([false, false, true, false]);
    page.answer('second');
    await eventually(() => page.shown('a') === 'second');
    expect(page.asked.filter(({ key }) => key === 'screens')).toHaveLength(1);
  });

  it('are asked for once more where a gap met the first of them under way', async () => {
    const page = watch('a');
    page.renewal.startAnew();
    page.answer('before the gap');
    await eventually(page.isWaiting);
    page.answer('after it');
    await eventually(() => page.shown('a') === 'after it');
  });
});
