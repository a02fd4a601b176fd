import pg from 'pg';
import type { RecordedStatement } from './record-statements.ts';

export interface SequentialScan {
  readonly table: string;
  readonly text: string;
  readonly by: string;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Tables with as many rows are large: such a scan of one grows with the fleet or with time. */
const LARGE_ROWS = 10_000;
/** What has no plan. */
const NO_PLAN = /^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|LISTEN|UNLISTEN|SHOW|DISCARD)\b/i;

/**
 * Plans every statement as it was sent, and every prepared one also as it runs for any values.
 * @returns the sequential scans of large tables, and how many plans were looked at
 */
export async function explainStatements(
  ownerUrl: string,
  statements: readonly RecordedStatement[],
): Promise<{ readonly scans: readonly SequentialScan[]; readonly plans: number }> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'test-kit explains',
    options: '-c timezone=UTC',
  });
  await client.connect();
  try {
    const large = await largeTables(client);
    const distinct = distinctStatements(statements);
    const scans: SequentialScan[] = [];
    for (const statement of distinct) {
      const nodes = await planOf(client, statement);
      const tables = nodes
        .filter((node) => node['Node Type'].includes('Seq Scan'))
        .map((node) => node['Relation Name'] ?? '');
      for (const table of new Set(tables.filter((name) => large.has(name))))
        scans.push({ table, text: statement.text, by: statement.by });
    }
    return { scans, plans: distinct.length };
  } finally {
    await client.end();
  }
}

async function largeTables(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples >= $1`,
    [LARGE_ROWS],
  );
  return new Set(rows.map(({ relname }) => relname));
}

/** One of each text and of each set of values that are left out: `$1 IS NULL OR …` has a plan for either. */
function distinctStatements(statements: readonly RecordedStatement[]): readonly RecordedStatement[] {
  const byKey = new Map<string, RecordedStatement>();
  for (const statement of statements) {
    if (NO_PLAN.test(statement.text)) continue;
    const nulls = statement.values.map((value) => (value === null || value === undefined ? '0' : '1'));
    const key = `${nulls.join('')} ${statement.text}`;
    if (!byKey.has(key)) byKey.set(key, statement);
  }
  return [...byKey.values()];
}

async function planOf(client: pg.Client, { text, values, name }: RecordedStatement): Promise<PlanNode[]> {
  const asSent = await explain(client, text, values);
  if (name === undefined) return asSent;
  await client.query(`PREPARE explained AS ${text}`);
  await client.query('SET plan_cache_mode = force_generic_plan');
  const nulls = values.length === 0 ? '' : `(${values.map(() => 'NULL').join(', ')})`;
  const forAnyValues = await explain(client, `EXECUTE explained ${nulls}`, []);
  await client.query('RESET plan_cache_mode');
  await client.query('DEALLOCATE explained');
  return [...asSent, ...forAnyValues];
}

async function explain(client: pg.Client, text: string, values: readonly unknown[]): Promise<PlanNode[]> {
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
    `EXPLAIN (FORMAT JSON) ${text}`,
    [...values],
  );
  return (rows[0]?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => nodesOf(Plan));
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
