import { readdirSync, readFileSync } from 'node:fs';

/** Of a second; what Linux counts the time of processes in. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Its own, and that of its children that have ended. */
  readonly seconds: number;
}

/** Processor time of a process and all of its children, those that have ended included, in seconds. Linux only. */
export function cpuSecondsOfTree(pid: number): number {
  const all = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    const times = /^\d+$/.test(name) ? timesOf(name) : undefined;
    if (times !== undefined) all.set(Number(name), times);
  }
  const children = [...all].filter(([, { parent }]) => parent === pid);
  return [pid, ...children.map(([child]) => child)].reduce(
    (sum, member) => sum + (all.get(member)?.seconds ?? 0),
    0,
  );
}

function timesOf(pid: string): ProcessTimes | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
  // The name stands in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND };
}
