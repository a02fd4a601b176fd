import { StatementBatches } from '@infoscreen/prisma';
import { describe, expect, it } from '@jest/globals';

/** A database that answers when it is told to. */
function batches(options: { maxItems?: number; keyOf?: (item: string) => string } = {}) {
  const sent: (readonly string[])[] = [];
  const answers: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const waiting = new StatementBatches<string, string>({
    run: async (items) => {
      sent.push(items);
      await new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
      return items.map((item) => `${item} stored`);
    },
    maxItems: 10,
    ...options,
  });
  return { sent, answers, add: (item: string) => waiting.add(item) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

const refused = (code: string) => Object.assign(new Error('refused'), { code });

describe('statements for many callers', () => {
  it('take what has come together, then all that came meanwhile, and tell each its own result', async () => {
    const { sent, answers, add } = batches();
    const first = [add('a'), add('b')];
    await turn();
    const second = [add('c'), add('d')];
    expect(sent).toEqual([['a', 'b']]);
    answers[0]?.resolve();
    expect(await Promise.all(first)).toEqual(['a stored', 'b stored']);
    await turn();
    expect(sent).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    answers[1]?.resolve();
    expect(await Promise.all(second)).toEqual(['c stored', 'd stored']);
  });

  it('never hold two of one key, keep the order of each key, and no more than the most', async () => {
    const { sent, answers, add } = batches({ maxItems: 2, keyOf: (item) => item.slice(0, 1) });
    const results = ['a1', 'a2', 'b1', 'c1', 'a3'].map(add);
    for (let n = 0; n < 4; n += 1) {
      await turn();
      answers[n]?.resolve();
      await turn();
    }
    await Promise.all(results);
    expect(sent).toEqual([['a1', 'b1'], ['a2', 'c1'], ['a3']]);
  });

  it('find the one that the database refuses for its content; the others are stored', async () => {
    const stored: string[] = [];
    const waiting = new StatementBatches<string, true>({
      run: async (items) => {
        if (items.includes('bad')) throw refused('22P05');
        stored.push(...items);
        return items.map(() => true);
      },
      maxItems: 10,
    });
    const results = await Promise.allSettled(['a', 'b', 'bad', 'c'].map((item) => waiting.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(stored.toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('fail together where the database is at fault, and go on with what comes after', async () => {
    const { sent, answers, add } = batches();
    const lost = Promise.allSettled([add('a'), add('b')]);
    await turn();
    answers[0]?.reject(refused('57P01'));
    expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(sent).toHaveLength(1);
    const next = add('c');
    await turn();
    answers[1]?.resolve();
    expect(await next).toBe('c stored');
  });
});
