import { runCrashPoints } from '@infoscreen/chaos';
import { describe, expect, it } from '@jest/globals';

// The short form; `npm run crash-points` hits each point 20 times.
describe.each([
  ['server', 6],
  ['scheduler', 12],
] as const)('a %s that is killed at any step of the outbox', (victims, points) => {
  it('leaves one command with one end, which its screen executed once', async () => {
    const results = await runCrashPoints({ victims, hits: 1 });
    expect(results).toHaveLength(points);
    for (const { hits, broken } of results) expect({ hits, broken }).toEqual({ hits: 1, broken: [] });
  }, 240_000);
});

describe('a screen that runs a command as often as it arrives', () => {
  it('is caught by the same check', async () => {
    const [result] = await runCrashPoints({
      victims: 'scheduler',
      hits: 1,
      only: ({ job, name }) => job === 'take_over' && name === 'after the PUBLISH, before its PUBACK',
      withoutDeduplication: true,
    });
    expect(result?.broken.join()).toMatch(/executed [2-9] times/);
  }, 240_000);
});
