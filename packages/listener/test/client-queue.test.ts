import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { ClientQueue } from '../src/intake/client-queue.ts';

function queueOf(maxHeld: number) {
  const retried: unknown[] = [];
  const queue = new ClientQueue({
    run: (task) => task(),
    maxHeld,
    maxHeldBytes: 1_000_000,
    onRetry: (error) => retried.push(error),
    onSuccess: () => {},
  });
  return { queue, retried };
}

const taskOf = (run: () => Promise<void>) => ({ run, giveUp: async () => {}, bytes: 1 });

describe('a queue per client', () => {
  it('runs the tasks of one client in their order, also when the first one fails at first', async () => {
    const { queue, retried } = queueOf(10);
    const done: string[] = [];
    let isAway = true;
    void queue.push(
      'a',
      taskOf(async () => {
        if (isAway) throw new Error('the database is away');
        done.push('first');
      }),
    );
    void queue.push(
      'a',
      taskOf(async () => void done.push('second')),
    );
    void queue.push(
      'b',
      taskOf(async () => void done.push('of another')),
    );
    await eventually(() => retried.length > 0);
    expect(done).toEqual(['of another']);
    isAway = false;
    await eventually(() => queue.held === 0);
    expect(done).toEqual(['of another', 'first', 'second']);
  });

  it('begins what shares its work together with what comes next of its client, and after everything else', async () => {
    const { queue } = queueOf(10);
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const lasting = (name: string, isShared: boolean) => ({
      ...taskOf(() => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
      isShared,
    });
    const names = ['alone', 'shared 1', 'shared 2', 'alone again', 'shared 3'];
    for (const name of names) void queue.push('a', lasting(name, name.startsWith('shared')));
    for (const together of [1, 2, 1, 1]) {
      await eventually(() => ends.length === together);
      for (const end of ends.splice(0)) end();
    }
    await eventually(() => queue.held === 0);
    expect(begun).toEqual(names);
  });

  it('doesn’t tell of another try when one fails after its end', async () => {
    const { queue, retried } = queueOf(10);
    let fail: ((error: Error) => void) | undefined;
    void queue.push(
      'a',
      taskOf(() => new Promise((_, reject) => (fail = reject))),
    );
    await eventually(() => fail !== undefined);
    queue.close();
    fail?.(new Error('the database is away'));
    await eventually(() => queue.held === 0);
    expect(retried).toEqual([]);
  });

  it('asks to wait from its limit on, and lets go when there is room or when it ends', async () => {
    const { queue } = queueOf(2);
    let goOn: () => void = () => {};
    const blocked = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    expect(
      queue.push(
        'a',
        taskOf(() => blocked),
      ),
    ).toBeUndefined();
    const held = queue.push(
      'b',
      taskOf(() => blocked),
    );
    expect(held).toBeInstanceOf(Promise);
    goOn();
    await held;
    expect(queue.held).toBeLessThan(2);
    void queue.push(
      'a',
      taskOf(() => new Promise(() => {})),
    );
    const never = queue.push(
      'b',
      taskOf(() => new Promise(() => {})),
    );
    queue.close();
    await never;
  });
});
