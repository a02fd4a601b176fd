import { outcomeLines } from '../report/outcome-lines.ts';
import { tableRow } from '../report/table-row.ts';
import type { Latencies } from './latencies.ts';
import type { FloodPhase, FloodReport } from './run-flood.ts';

export function floodLines(report: FloodReport): string[] {
  const [quiet] = report.phases;
  return [
    `${report.screens} quiet screens, ${report.seconds} s alone and beside each flood; latencies in ms`,
    tableRow('ACK to its row', ['count', 'p50', 'p95', 'p99', 'max', 'p95 ratio', 'p99 ratio']),
    ...report.phases.map(({ name, acks }) => tableRow(name, figures(acks, quiet?.acks))),
    tableRow('heartbeat to last_alive', ['count', 'p50', 'p95', 'p99', 'max', 'p95 ratio', 'p99 ratio']),
    ...report.phases.map(({ name, heartbeats }) => tableRow(name, figures(heartbeats, quiet?.heartbeats))),
    tableRow('the flood', ['sent/s', 'taken/s', 'refused', 'listener MB', 'broker MB', 'lost', 'cut ms']),
    ...report.phases.map((phase) => tableRow(phase.name, floodFigures(phase, report.seconds))),
    ...outcomeLines(report),
  ];
}

function figures(
  { count, p50, p95, p99, max }: Latencies,
  quiet: Latencies | undefined,
): (string | number)[] {
  const ratio = (now: number, before: number | undefined) => (now / Math.max(1, before ?? 1)).toFixed(1);
  return [count, p50, p95, p99, max, ratio(p95, quiet?.p95), ratio(p99, quiet?.p99)];
}

function floodFigures(phase: FloodPhase, seconds: number): (string | number)[] {
  const { flood, refused, listenerPeakMegabytes, brokerPeakMegabytes, lost } = phase;
  return [
    Math.round(flood.sent / seconds),
    Math.round(flood.taken / seconds),
    refused,
    listenerPeakMegabytes.toFixed(0),
    brokerPeakMegabytes.toFixed(0),
    lost,
    flood.cutAfterMs ?? '-',
  ];
}
