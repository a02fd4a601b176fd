import { describe, expect, it, jest } from '@jest/globals';
import { WritePace } from '../src/telemetry/write-pace.ts';

/** A write that ends when it is told to. */
function startWrite(pace: WritePace) {
  let commit = () => {};
  let fail = () => {};
  pace.began(
    new Promise<void>((resolve, reject) => {
      commit = resolve;
      fail = () => reject(new Error('the database is away'));
    }),
  );
  return { commit, fail };
}

/** All that follows from what has just been settled. */
const settled = () => jest.advanceTimersByTimeAsync(0);

async function isOver(pause: Promise<void> | undefined): Promise<boolean> {
  let over = false;
  void pause?.then(() => {
    over = true;
  });
  await settled();
  return over;
}

describe('the pace of writing', () => {
  it('lets reading wait for the write that is in flight, and for none where there is none', async () => {
    jest.useFakeTimers();
    const pace = new WritePace();
    expect(pace.pause()).toBeUndefined();
    const write = startWrite(pace);
    const pause = pace.pause();
    expect(await isOver(pause)).toBe(false);
    write.commit();
    expect(await isOver(pause)).toBe(true);
    expect(pace.pause()).toBeUndefined();
  });

  it('holds up reading for half a second at most, and no more until a write has been committed', async () => {
    jest.useFakeTimers();
    const pace = new WritePace();
    const stuck = startWrite(pace);
    const pause = pace.pause();
    await jest.advanceTimersByTimeAsync(499);
    expect(await isOver(pause)).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await isOver(pause)).toBe(true);
    expect(pace.pause()).toBeUndefined();
    stuck.commit();
    await settled();
    startWrite(pace);
    expect(pace.pause()).toBeDefined();
  });

  it('holds up nothing while writes fail', async () => {
    jest.useFakeTimers();
    const pace = new WritePace();
    const write = startWrite(pace);
    const pause = pace.pause();
    write.fail();
    expect(await isOver(pause)).toBe(true);
    const next = startWrite(pace);
    expect(pace.pause()).toBeUndefined();
    next.commit();
    await settled();
    startWrite(pace);
    expect(pace.pause()).toBeDefined();
  });
});
