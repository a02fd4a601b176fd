import { between, type Random, shuffled } from '../run/random.ts';
import type { FaultKind } from './fault-kinds.ts';

export interface PlannedFault {
  readonly kind: FaultKind;
  /** From the start of the run. */
  readonly atMs: number;
}

/** The first seconds belong to the traffic, so that each fault meets some. */
const QUIET_START_MS = 3000;

/** `count` faults at random times; their kinds take turns, in an order of the seed, so that each of them occurs. */
export function planFaults(
  random: Random,
  options: { readonly kinds: readonly FaultKind[]; readonly count: number; readonly durationMs: number },
): PlannedFault[] {
  const { kinds, count, durationMs } = options;
  const order: FaultKind[] = [];
  while (order.length < count) order.push(...shuffled(random, kinds));
  const times = Array.from({ length: count }, () =>
    between(random, Math.min(QUIET_START_MS, durationMs / 2), durationMs),
  ).sort((one, other) => one - other);
  return times.map((atMs, index) => ({ kind: order[index] as FaultKind, atMs }));
}
