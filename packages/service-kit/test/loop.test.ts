import { createLoop } from '@infoscreen/service-kit';
import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { createRecordingLogger } from './recording-logger.ts';

describe('a loop', () => {
  it('never overlaps itself, and its stop waits for the run in flight', async () => {
    let inFlight = 0;
    let most = 0;
    let release = () => {};
    const loop = createLoop({
      name: 'test',
      intervalMs: 1,
      logger: createRecordingLogger(),
      runOnce: async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        inFlight -= 1;
      },
    });
    loop.start();
    loop.wake();
    await eventually(() => inFlight === 1);
    const stopped = loop.stop();
    release();
    await stopped;
    expect({ inFlight, most }).toEqual({ inFlight: 0, most: 1 });
  });

  it('tells the run in flight that it is to stop, and runs again after another start', async () => {
    const seen: boolean[] = [];
    const loop = createLoop({
      name: 'long',
      intervalMs: 1,
      logger: createRecordingLogger(),
      runOnce: async (stopping) => {
        seen.push(stopping.aborted);
        await new Promise((resolve) => stopping.addEventListener('abort', resolve));
      },
    });
    for (let starts = 1; starts <= 2; starts += 1) {
      loop.start();
      await eventually(() => seen.length === starts);
      await loop.stop();
    }
    expect(seen).toEqual([false, false]);
  });

  it('goes on after a failure, logs its begin and end once each, and is healthy only after a success', async () => {
    const logger = createRecordingLogger();
    let runs = 0;
    const loop = createLoop({
      name: 'test',
      intervalMs: 1,
      logger,
      runOnce: async () => {
        runs += 1;
        if (runs <= 3) throw new Error('away');
      },
    });
    expect(loop.status()).toMatchObject({ healthy: false, lastSuccessAt: null });
    loop.start();
    await eventually(() => loop.status().healthy);
    await loop.stop();
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'loop failed, trying again',
      'loop recovered',
    ]);
    expect(loop.status().lastError).toBeNull();
  });

  it('runs at once when it is woken', async () => {
    let runs = 0;
    const loop = createLoop({
      name: 'test',
      intervalMs: 3_600_000,
      logger: createRecordingLogger(),
      runOnce: async () => {
        runs += 1;
      },
    });
    loop.start();
    await eventually(() => runs === 1);
    loop.wake();
    await eventually(() => runs === 2);
    await loop.stop();
    expect(runs).toBe(2);
  });
});
