import type { HostileReport } from './run-hostile.ts';

export function hostileLines(report: HostileReport): string[] {
  const counts = (numbers: Readonly<Record<string, number>>) =>
    Object.entries(numbers)
      .map(([name, n]) => `${name}: ${n}`)
      .join('  ');
  return [
    `hostile: ${report.requests} requests to ${report.operations} operations, as nobody and as a superadmin, in ${report.seconds.toFixed(0)} s`,
    `  by kind     ${counts(report.byCategory)}`,
    `  by status   ${counts(report.statuses)}`,
    `  as bytes    ${counts(report.rawStatuses)}`,
    ...report.problems.map((problem) => `  WRONG: ${problem}`),
  ];
}
