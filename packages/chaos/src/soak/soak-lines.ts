import type { SoakReport } from './run-soak.ts';

export function soakLines(report: SoakReport): string[] {
  const figure = (value: number) => value.toFixed(1).padStart(11);
  return [
    `${report.screens} screens for ${report.seconds} s, each service ×${report.replicas}: ${report.messagesReceived} messages received, ${report.alive} screens alive at the end, commands ${JSON.stringify(report.commands)}`,
    `  ${report.samples.length} samples; level in the second fifth and in the last one: of memory the smallest reading, else the median`,
    `  ${'series'.padEnd(32)}${['2nd fifth', 'last fifth', 'highest', 'per minute', 'bound'].map((name) => name.padStart(11)).join('')}`,
    ...report.verdicts.map(
      ({ name, first, last, max, perMinute, bound, isFlat }) =>
        `  ${name.padEnd(32)}${[first, last, max, perMinute, bound].map(figure).join('')}  ${isFlat ? 'flat' : 'NOT FLAT'}`,
    ),
    `  warnings logged: ${JSON.stringify(report.warnings)}`,
    ...report.problems.map((problem) => `  WRONG: ${problem}`),
  ];
}
