import { outcomeLines } from '../report/outcome-lines.ts';
import { tableRow } from '../report/table-row.ts';
import type { SoakReport } from './run-soak.ts';

export function soakLines(report: SoakReport): string[] {
  return [
    `${report.screens} screens for ${report.seconds} s, each service ×${report.replicas}: ${report.messagesReceived} messages received, ${report.alive} screens alive at the end, commands ${JSON.stringify(report.commands)}`,
    `  ${report.samples.length} samples; level in the second fifth and in the last one: of memory the smallest reading, else the median`,
    tableRow('series', ['2nd fifth', 'last fifth', 'highest', 'per minute', 'bound']),
    ...report.verdicts.map(({ name, first, last, max, perMinute, bound, isFlat }) => {
      const figures = [first, last, max, perMinute, bound].map((figure) => figure.toFixed(1));
      return `${tableRow(name, figures)}  ${isFlat ? 'flat' : 'NOT FLAT'}`;
    }),
    ...outcomeLines(report),
  ];
}
