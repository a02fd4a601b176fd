import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { scrapeMetrics } from '@infoscreen/test-kit';

const EVERY_MS = 500;

/** The largest memory that the listener and the broker had. */
export class PeakMemory {
  listenerMegabytes = 0;
  brokerMegabytes = 0;
  readonly #listenerUrl: string;
  readonly #brokerPid: number;
  readonly #stop = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  constructor(listenerUrl: string, brokerPid: number) {
    this.#listenerUrl = listenerUrl;
    this.#brokerPid = brokerPid;
  }

  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const resident = (await scrapeMetrics(this.#listenerUrl)).sum('process_resident_memory_bytes') / 1e6;
      this.listenerMegabytes = Math.max(this.listenerMegabytes, resident);
      this.brokerMegabytes = Math.max(this.brokerMegabytes, residentMegabytes(this.#brokerPid));
      await pause(EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }
}

function residentMegabytes(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return 0;
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) * 1024) / 1e6;
}
