import { describe, expect, it } from '@jest/globals';
import { seriesOf, summaries } from '../../src/screen/chart-data.ts';
import { lockoutOf } from '../../src/screen/lockout-of.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 12, minute)).toISOString();
const sample = (minute: number, cpu_percent: number | null = 10) => ({
  at: at(minute),
  process_status: 'running' as const,
  cpu_percent,
  memory_percent: null,
  disk_percent: null,
  temperature_c: null,
  mqtt_reconnect_count: null,
});

describe('a chart', () => {
  it('has a gap where the screen was silent', () => {
    const { values } = seriesOf([sample(0), sample(1), sample(2), sample(30), sample(31)], 'cpu_percent');
    expect(values).toEqual([10, 10, 10, null, 10, 10]);
  });

  it('has no gap where samples are merely far apart', () => {
    expect(seriesOf([sample(0), sample(10), sample(20)], 'cpu_percent').values).toEqual([10, 10, 10]);
  });

  it('has no gap where a screen was told to report more often, nor one less in the slower half', () => {
    const often = Array.from({ length: 100 }, (_, second) => ({
      ...sample(90),
      at: new Date(Date.parse(at(90)) + second * 1000).toISOString(),
    }));
    const slow = [0, 5, 10, 15, 20, 60, 65, 70, 75, 80, 85].map((minute) => sample(minute));
    const { values } = seriesOf([...slow, ...often], 'cpu_percent');
    expect(values.flatMap((value, index) => (value === null ? [index] : []))).toEqual([5]);
  });

  it('has a gap where a value is missing, and times that only rise', () => {
    const { times, values } = seriesOf([sample(0), sample(1, null), sample(2), sample(40)], 'cpu_percent');
    expect(values).toEqual([10, null, 10, null, 10]);
    expect(times).toEqual([...times].sort((left, right) => left - right));
  });

  it.each([0, 1])('can be drawn of %d samples', (count) => {
    expect(seriesOf([sample(0)].slice(0, count), 'cpu_percent').values).toHaveLength(count);
  });

  it('has the same numbers as a table', () => {
    const rows = summaries(
      [sample(0, 10), sample(20, 30), sample(70, 50), sample(75, null)],
      'cpu_percent',
      3600,
    );
    expect(rows).toEqual([
      { from: Date.parse(at(0)), samples: 2, low: 10, mean: 20, high: 30 },
      { from: Date.parse(at(60)), samples: 1, low: 50, mean: 50, high: 50 },
    ]);
  });
});

describe('a lockout', () => {
  const lockout = [
    { action: 'reboot_host' as const, remaining: 0, free_at: at(5) },
    { action: 'restart_app' as const, remaining: 1, free_at: at(6) },
  ];

  it('holds for the action that has no place left, and for no other', () => {
    expect(lockoutOf({ lockout }, 'reboot_host')).toEqual(lockout[0]);
    expect(lockoutOf({ lockout }, 'restart_app')).toBeNull();
    expect(lockoutOf({ lockout }, 'shutdown_host')).toBeNull();
  });
});
