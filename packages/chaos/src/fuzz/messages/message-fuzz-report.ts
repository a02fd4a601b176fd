import type { BrokerKind } from '@infoscreen/local-stack';
import { type MemoryBounds, type MemoryFigures, memoryLine } from '../../measure/memory-watch.ts';
import { outcomeLines } from '../../report/outcome-lines.ts';
import { tableRow } from '../../report/table-row.ts';

export interface RefusalCount {
  readonly reason: string;
  readonly expected: number;
  readonly counted: number;
  readonly rows: number;
}

export interface MessageFuzzReport {
  readonly broker: BrokerKind;
  readonly acknowledged: number;
  readonly trespasses: number;
  /** Messages by what had to become of them. */
  readonly expectations: Readonly<Record<string, number>>;
  readonly refusals: readonly RefusalCount[];
  readonly memory: MemoryFigures;
  readonly memoryBounds: MemoryBounds;
  readonly seconds: number;
  /** Logged by the listener. */
  readonly warnings: Readonly<Record<string, number>>;
  /** What is wrong; empty when all holds. */
  readonly problems: readonly string[];
}

export function messageFuzzLines(report: MessageFuzzReport): string[] {
  const { expectations, refusals } = report;
  const total = (field: 'expected' | 'counted' | 'rows') =>
    refusals.reduce((sum, count) => sum + count[field], 0);
  return [
    `messages over ${report.broker}: ${report.acknowledged} acknowledged by the broker in ${report.seconds.toFixed(0)} s, and ${report.trespasses} trespasses`,
    `  of them ${expectations['accepted'] ?? 0} valid, ${expectations['unheard'] ?? 0} on topics that nobody reads`,
    tableRow('refused', ['expected', 'metric', 'rows']),
    ...refusals.map(({ reason, expected, counted, rows }) => tableRow(reason, [expected, counted, rows])),
    tableRow('all', [total('expected'), total('counted'), total('rows')]),
    `  listener: ${memoryLine(report.memory, report.memoryBounds)}`,
    ...outcomeLines(report),
  ];
}
