import { describe, expect, it } from '@jest/globals';
import { playerStateOf } from '../../src/host/linux-host.ts';
import { LinuxMetrics, memoryPercentOf } from '../../src/host/linux-metrics.ts';

describe('the state of the player', () => {
  it.each([
    ['ActiveState=active\nMainPID=812\n', { status: 'running', pid: 812 }],
    ['ActiveState=activating\nMainPID=813\n', { status: 'starting', pid: 813 }],
    ['ActiveState=failed\nMainPID=0\n', { status: 'crashed', pid: null }],
    ['ActiveState=inactive\nMainPID=0\n', { status: 'stopped', pid: null }],
    ['', { status: 'stopped', pid: null }],
  ] as const)('is read from systemd: %j', (output, state) => {
    expect(playerStateOf(output)).toEqual(state);
  });
});

describe('the metrics of a Linux machine', () => {
  it('count memory that could be had back as free', () => {
    expect(memoryPercentOf('MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 400 kB\n')).toBe(60);
    expect(memoryPercentOf('')).toBeNull();
  });

  it('are percentages, or null where the machine cannot tell', async () => {
    const { memoryPercent, diskPercent, cpuPercent } = await new LinuxMetrics().read();
    for (const value of [memoryPercent, diskPercent, cpuPercent]) {
      expect(value === null || (value >= 0 && value <= 100)).toBe(true);
    }
  });
});
