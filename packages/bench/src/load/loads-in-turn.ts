import type { HttpLoadOrder, HttpLoadResult } from './http-load.ts';
import { runHttpLoad } from './load-process.ts';

/** Each load comes so often. */
const TURNS = 5;

/**
 * Loads that are compared with each other, in turn, each for a part of its seconds at a time: what else the machine has to do
 * changes within seconds, and so befalls all of them alike.
 * @returns one result per order
 */
export async function runLoadsInTurn(orders: readonly HttpLoadOrder[]): Promise<readonly HttpLoadResult[]> {
  const parts: HttpLoadResult[][] = orders.map(() => []);
  for (let turn = 0; turn < TURNS; turn += 1)
    for (const [index, order] of orders.entries())
      parts[index]?.push(await runHttpLoad({ ...order, seconds: order.seconds / TURNS }));
  return parts.map(togetherOf);
}

/** Pure. The parts have taken equally long. */
export function togetherOf(parts: readonly HttpLoadResult[]): HttpLoadResult {
  const rates = parts.map(({ requestsPerSecond }) => requestsPerSecond);
  return {
    requestsPerSecond: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
    latencies: parts.flatMap(({ latencies }) => latencies).toSorted((a, b) => a - b),
  };
}
