import { describe, expect, it } from '@jest/globals';
import { ClientTurns } from '../src/commands/client-turns.ts';

function deferred() {
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}

describe('work client by client', () => {
  it('is done in order for one client, and for others at the same time', async () => {
    const turns = new ClientTurns(2);
    const begun: string[] = [];
    const first = deferred();
    const one = turns.run('a', () => first.promise.then(() => begun.push('a1 done')));
    const two = turns.run('a', async () => begun.push('a2'));
    await turns.run('b', async () => begun.push('b1'));
    expect(begun).toEqual(['b1']);
    expect(turns.has('a')).toBe(true);
    first.resolve();
    await Promise.all([one, two]);
    expect(begun).toEqual(['b1', 'a1 done', 'a2']);
    expect(turns.has('a')).toBe(false);
  });

  it('does nothing of a client that stands behind what has failed, so that nothing overtakes it', async () => {
    const turns = new ClientTurns(2);
    const first = deferred();
    const one = turns.run('a', () => first.promise);
    const two = turns.run('a', async () => 'overtaken');
    first.reject(new Error('the database is away'));
    const results = await Promise.allSettled([one, two]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await turns.run('a', async () => 'again')).toBe('again');
  });
});
