/** The end of a report: what the services warned of, and what is wrong. */
export function outcomeLines(report: {
  readonly warnings: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}): string[] {
  return [
    `  warnings logged: ${JSON.stringify(report.warnings)}`,
    ...report.problems.map((problem) => `  WRONG: ${problem}`),
  ];
}
