import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;

/** What a process holds in memory, in bytes; Linux only. */
export function residentBytes(pid: number): number {
  const [, pages = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return Number(pages) * PAGE_BYTES;
}

/** Files and sockets that a process has open; Linux only. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
