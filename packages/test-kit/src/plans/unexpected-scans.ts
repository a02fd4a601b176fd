import { explainStatements } from './explain-statements.ts';
import type { StatementRecorder } from './record-statements.ts';

/** Statements that may read whole large tables. */
export interface ScanException {
  /** What their sender was doing, as the recorder was told. */
  readonly by: RegExp;
  readonly tables: readonly string[];
  /** Why no index helps, or none may be made. */
  readonly reason: string;
}

export interface ScanReport {
  /** Sequential scans of large tables that no exception names, one line each. */
  readonly unexpected: readonly string[];
  /** Exceptions, or tables of them, that nothing needs any more. */
  readonly unneeded: readonly string[];
  readonly plans: number;
}

/** Holds the plans of everything that was recorded against the exceptions. */
export async function reportScans(
  ownerUrl: string,
  { statements }: Pick<StatementRecorder, 'statements'>,
  exceptions: readonly ScanException[],
): Promise<ScanReport> {
  const { scans, plans } = await explainStatements(ownerUrl, statements);
  const used = new Set<string>();
  const unexpected = scans.filter(({ by, table }) => {
    const excused = exceptions.filter(
      (exception) => exception.by.test(by) && exception.tables.includes(table),
    );
    for (const exception of excused) used.add(`${exception.by} ${table}`);
    return excused.length === 0;
  });
  const named = exceptions.flatMap(({ by, tables }) => tables.map((table) => `${by} ${table}`));
  return {
    unexpected: unexpected.map(
      ({ by, table, text }) => `${by}: ${table}: ${text.replaceAll(/\s+/g, ' ').trim()}`,
    ),
    unneeded: named.filter((name) => !used.has(name)),
    plans,
  };
}
