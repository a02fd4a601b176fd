import { readFile, statfs } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { HostMetrics } from './agent-host.ts';

interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

/** Reads metrics of this machine; the CPU's share is measured from one call to the next. */
export class LinuxMetrics {
  #lastCpu: CpuTimes = readCpuTimes();

  async read(): Promise<HostMetrics> {
    const cpu = readCpuTimes();
    const cpuPercent = percent(cpu.busy - this.#lastCpu.busy, cpu.total - this.#lastCpu.total);
    this.#lastCpu = cpu;
    const [memoryPercent, diskPercent, temperatureC] = await Promise.all([
      readMemoryPercent(),
      readDiskPercent('/'),
      readTemperature(),
    ]);
    return { cpuPercent, memoryPercent, diskPercent, temperatureC };
  }
}

function percent(part: number, whole: number): number | null {
  if (whole <= 0) return null;
  return Math.round(Math.min(100, Math.max(0, (part / whole) * 100)) * 10) / 10;
}

function readCpuTimes(): CpuTimes {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    busy += all - times.idle;
    total += all;
  }
  return { busy, total };
}

/** By `MemAvailable`: what is cached can be had back, and doesn't count as used. */
export function memoryPercentOf(meminfo: string): number | null {
  const kilobytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? Number.NaN);
  const total = kilobytes('MemTotal');
  const available = kilobytes('MemAvailable');
  return Number.isNaN(total + available) ? null : percent(total - available, total);
}

async function readMemoryPercent(): Promise<number | null> {
  return readFile('/proc/meminfo', 'utf8').then(memoryPercentOf, () => null);
}

async function readDiskPercent(path: string): Promise<number | null> {
  return statfs(path).then(
    ({ blocks, bavail }) => percent(blocks - bavail, blocks),
    () => null,
  );
}

/** Not every machine has a sensor there. */
async function readTemperature(): Promise<number | null> {
  const text = await readFile('/sys/class/thermal/thermal_zone0/temp', 'utf8').catch(() => '');
  const milliCelsius = Number.parseInt(text, 10);
  return Number.isNaN(milliCelsius) ? null : Math.round(milliCelsius / 100) / 10;
}
