import { describe, expect, it } from '@jest/globals';
import { judgeSeries } from '../src/soak/judge-series.ts';
import { runSoak } from '../src/soak/run-soak.ts';

describe('the rule of what is flat', () => {
  const samplesOf = (name: string, values: readonly number[]) =>
    values.map((value, index) => ({ atSeconds: index * 10, values: { [name]: value } }));

  it('takes the first fifth for warm-up, and allows what is within the bound', () => {
    const [verdict] = judgeSeries(
      samplesOf('listener-0 rss_mb', [10, 50, 200, 210, 220, 205, 215, 220, 210, 215]),
    );
    expect(verdict).toMatchObject({ first: 200, last: 210, max: 220, isFlat: true });
  });

  it('finds a leak behind the ups and downs of collections', () => {
    const leak = Array.from({ length: 60 }, (_, index) => 100 + index * 2 + (index % 4) * 20);
    expect(judgeSeries(samplesOf('listener-0 rss_mb', leak))[0]).toMatchObject({ isFlat: false });
  });

  it('allows no connection more at the broker', () => {
    const [verdict] = judgeSeries(samplesOf('broker connections', [5, 5, 5, 5, 5, 5, 5, 5, 6, 6]));
    expect(verdict?.isFlat).toBe(false);
  });
});

describe('a fleet over time, the short form of `npm run soak`', () => {
  it('is served, and every series is sampled', async () => {
    const report = await runSoak({
      seconds: 6,
      screens: 10,
      replicas: 1,
      sampleSeconds: 0.5,
      commandSeconds: 1,
      intervals: { heartbeatSeconds: 1, healthSeconds: 1 },
      onProgress: () => {},
    });
    expect(report.alive).toBe(10);
    expect(report.messagesReceived).toBeGreaterThan(50);
    expect(report.commands).toEqual({ completed: expect.any(Number) });
    expect(report.verdicts.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'server-0 rss_mb',
        'listener-0 open_fds',
        'scheduler-0 heap_mb',
        'postgres connections',
      ]),
    );
    // Of a run so short nothing is asked but that no screen, command or message was lost.
    expect(report.problems.filter((problem) => !problem.endsWith('is not flat'))).toEqual([]);
  }, 240_000);
});
