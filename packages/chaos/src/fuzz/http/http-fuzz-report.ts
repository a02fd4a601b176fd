import { type MemoryBounds, type MemoryFigures, memoryLine } from '../../measure/memory-watch.ts';
import { outcomeLines } from '../../report/outcome-lines.ts';

export interface HttpFuzzReport {
  readonly requests: number;
  readonly rawRequests: number;
  readonly operations: number;
  /** How many operations were answered with a success at least once. */
  readonly succeeded: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly rawStatuses: Readonly<Record<string, number>>;
  /** Connections that ended before an answer to a body that was too large. */
  readonly cutUploads: number;
  readonly memory: MemoryFigures;
  readonly memoryBounds: MemoryBounds;
  readonly seconds: number;
  /** Logged by the server. */
  readonly warnings: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

export function httpFuzzLines(report: HttpFuzzReport): string[] {
  const counts = (statuses: Readonly<Record<string, number>>) =>
    Object.entries(statuses)
      .toSorted(([left], [right]) => left.localeCompare(right))
      .map(([status, n]) => `${status}: ${n}`)
      .join('  ');
  return [
    `HTTP: ${report.requests} requests to ${report.operations} operations in ${report.seconds.toFixed(0)} s; ${report.succeeded} operations succeeded at least once`,
    `  by class    ${counts(byClass(report.statuses))}`,
    `  by status   ${counts(report.statuses)}`,
    `  ${report.cutUploads} uploads above the limit were cut`,
    `  ${report.rawRequests} raw requests: ${counts(report.rawStatuses)}`,
    `  server: ${memoryLine(report.memory, report.memoryBounds)}`,
    ...outcomeLines(report),
  ];
}

function byClass(statuses: Readonly<Record<string, number>>): Record<string, number> {
  const classes: Record<string, number> = {};
  for (const [status, n] of Object.entries(statuses)) {
    const name = `${status.charAt(0)}xx`;
    classes[name] = (classes[name] ?? 0) + n;
  }
  return classes;
}
