import { setTimeout as pause } from 'node:timers/promises';
import { scrapeMetrics } from '@infoscreen/test-kit';

const SETTLE_READINGS = 5;

export interface MemoryFigures {
  readonly residentBeforeMegabytes: number;
  readonly residentAfterMegabytes: number;
  /** What collections leave: the smallest readings of the first and of the last quarter. */
  readonly heapBeforeMegabytes: number;
  readonly heapAfterMegabytes: number;
}

/** Growth that still passes. */
export interface MemoryBounds {
  readonly residentMegabytes: number;
  readonly heapMegabytes: number;
}

/** Watches the memory of one process over a run, from the end of its warm-up. */
export class MemoryWatch {
  readonly #url: string;
  readonly #settlePauseMs: number;
  readonly #heap: number[] = [];
  #residentBefore = 0;

  constructor(url: string, settlePauseMs: number) {
    this.#url = url;
    this.#settlePauseMs = settlePauseMs;
  }

  async warmedUp(): Promise<void> {
    this.#residentBefore = await this.#settledResident();
  }

  async read(): Promise<number> {
    const scrape = await scrapeMetrics(this.#url);
    this.#heap.push(scrape.sum('nodejs_heap_size_used_bytes') / 1e6);
    return scrape.sum('process_resident_memory_bytes') / 1e6;
  }

  async figures(): Promise<MemoryFigures> {
    const residentAfterMegabytes = await this.#settledResident();
    const quarter = Math.max(1, Math.floor(this.#heap.length / 4));
    return {
      residentBeforeMegabytes: this.#residentBefore,
      residentAfterMegabytes,
      heapBeforeMegabytes: Math.min(...this.#heap.slice(0, quarter)),
      heapAfterMegabytes: Math.min(...this.#heap.slice(-quarter)),
    };
  }

  /** The smallest of a few readings: what a collection under way frees isn't kept. */
  async #settledResident(): Promise<number> {
    const readings: number[] = [];
    for (let reading = 0; reading < SETTLE_READINGS; reading += 1) {
      await pause(this.#settlePauseMs);
      readings.push(await this.read());
    }
    return Math.min(...readings);
  }
}

export function memoryProblems(service: string, figures: MemoryFigures, bounds: MemoryBounds): string[] {
  const resident = figures.residentAfterMegabytes - figures.residentBeforeMegabytes;
  const heap = figures.heapAfterMegabytes - figures.heapBeforeMegabytes;
  return [
    ...(resident <= bounds.residentMegabytes
      ? []
      : [`the memory of the ${service} grew by ${resident.toFixed(1)} MB`]),
    ...(heap <= bounds.heapMegabytes ? [] : [`the heap of the ${service} grew by ${heap.toFixed(1)} MB`]),
  ];
}

export function memoryLine(figures: MemoryFigures, bounds: MemoryBounds): string {
  const part = (name: string, before: number, after: number, bound: number) =>
    `${name} ${before.toFixed(1)} → ${after.toFixed(1)} MB (growth ${(after - before).toFixed(1)}, bound ${bound})`;
  return [
    part(
      'resident',
      figures.residentBeforeMegabytes,
      figures.residentAfterMegabytes,
      bounds.residentMegabytes,
    ),
    part(
      'heap after collections',
      figures.heapBeforeMegabytes,
      figures.heapAfterMegabytes,
      bounds.heapMegabytes,
    ),
  ].join(', ');
}
