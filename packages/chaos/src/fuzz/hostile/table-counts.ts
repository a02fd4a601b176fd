import type pg from 'pg';

export type TableCounts = ReadonlyMap<string, number>;

export async function countRows(pool: pg.Pool): Promise<TableCounts> {
  const { rows } = await pool.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  const counts = new Map<string, number>();
  for (const { name } of rows) {
    const result = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM "${name}"`);
    counts.set(name, result.rows[0]?.n ?? 0);
  }
  return counts;
}

/** Tables whose number of rows isn't what it was, but for those that may grow. */
export function changedTables(
  before: TableCounts,
  after: TableCounts,
  expected: Readonly<Record<string, number | 'any'>>,
): string[] {
  return [...before].flatMap(([name, count]) => {
    const growth = expected[name] ?? 0;
    const now = after.get(name) ?? 0;
    if (growth === 'any' || now === count + growth) return [];
    return [`table ${name} had ${count} rows and has ${now}, not ${count + growth}`];
  });
}
