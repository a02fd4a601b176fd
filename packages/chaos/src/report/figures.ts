import { countBy } from '../books/group-by.ts';
import type { Verdict } from '../books/judge.ts';
import type { FaultRecord } from '../faults/fault-kinds.ts';
import type { ChaosOptions } from '../run/chaos-options.ts';

/** The numbers of a run, for people, for `--json` and for the documentation. */
export interface Figures {
  readonly seed: number;
  readonly twin: string | null;
  readonly seconds: number;
  readonly screens: number;
  readonly faults: number;
  readonly faultsByKind: Readonly<Record<string, number>>;
  readonly faultsThatFailed: number;
  readonly commandsAccepted: number;
  readonly commandsByStatus: Readonly<Record<string, number>>;
  readonly commandsByErrorCode: Readonly<Record<string, number>>;
  readonly completedPercent: number;
  readonly requestsRepeated: number;
  /** By the last answer that they had. */
  readonly requestsUnanswered: Readonly<Record<string, number>>;
  readonly executions: number;
  readonly lateOutcomes: number;
  readonly acksTaken: number;
  readonly acksTakenBeforeBrokerKill: number;
  readonly serviceFailedTaken: number;
  readonly serviceFailedTakenBeforeBrokerKill: number;
  readonly serviceFailedLostWithBroker: number;
  /** SIGTERMs that did not end with exit code 0. */
  readonly uncleanStops: number;
  /** Starts that ended by themselves, as while the database is away. */
  readonly startsThatEnded: number;
  readonly findings: number;
  readonly findingsByRule: Readonly<Record<string, number>>;
}

export interface RunCounts {
  readonly requestsRepeated: number;
  readonly requestsUnanswered: Readonly<Record<string, number>>;
  readonly uncleanStops: number;
  readonly startsThatEnded: number;
  readonly faultsThatFailed: number;
}

export function figuresOf(
  options: ChaosOptions,
  { verdict, faults, counts }: { verdict: Verdict; faults: readonly FaultRecord[]; counts: RunCounts },
): Figures {
  return {
    seed: options.seed,
    twin: options.twin ?? null,
    seconds: options.seconds,
    screens: options.screens,
    faults: faults.length,
    faultsByKind: countBy(faults.map(({ kind }) => kind)),
    commandsAccepted: verdict.accepted,
    commandsByStatus: verdict.byStatus,
    commandsByErrorCode: verdict.byErrorCode,
    completedPercent: Math.round(verdict.completedShare * 1000) / 10,
    executions: verdict.executions,
    lateOutcomes: verdict.lateOutcomes,
    acksTaken: verdict.loss.acksTaken,
    acksTakenBeforeBrokerKill: verdict.loss.acksTakenBeforeKill,
    serviceFailedTaken: verdict.loss.failuresTaken,
    serviceFailedTakenBeforeBrokerKill: verdict.loss.failuresTakenBeforeKill,
    serviceFailedLostWithBroker: verdict.loss.failuresLostWithBroker,
    findings: verdict.findings.length,
    findingsByRule: countBy(verdict.findings.map(({ rule }) => rule)),
    ...counts,
  };
}

/** One figure a line. */
export function figuresTable(figures: Figures): string {
  const rows = Object.entries(figures).map(([name, value]) => [
    name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`),
    typeof value === 'object' && value !== null
      ? Object.entries<number>(value)
          .map(([key, count]) => `${key} ${count}`)
          .join(', ') || 'none'
      : String(value),
  ]);
  const width = Math.max(...rows.map(([name]) => (name ?? '').length));
  return rows.map(([name, value]) => `  ${(name ?? '').padEnd(width)}  ${value}`).join('\n');
}
