import pg from 'pg';
import { largeFleetStatements } from './large-fleet-statements.ts';

export interface LargeFleetOptions {
  /** Of the owner of the tables, a superuser: triggers stay silent meanwhile. */
  readonly ownerUrl: string;
  readonly clients: number;
}

/**
 * Fills a migrated, empty database set by set, as a fleet of this size leaves it after some months, and lets the planner
 * see it. Nothing but `recovery_watch` may stand in it.
 */
export async function fillLargeFleet({ ownerUrl, clients }: LargeFleetOptions): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'test-kit fills' });
  await client.connect();
  try {
    // Neither triggers nor foreign keys: the statements keep to them by themselves.
    await client.query('SET session_replication_role = replica');
    await client.query("SET work_mem = '64MB'");
    await client.query("SET maintenance_work_mem = '128MB'");
    const makeIndexes = await dropIndexes(client);
    for (const statement of largeFleetStatements(clients)) await client.query(statement);
    for (const statement of makeIndexes) await client.query(statement);
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

/** All but those of keys: made anew at the end, they cost half as much. @returns what makes them */
async function dropIndexes(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
     FROM pg_index JOIN pg_class c ON c.oid = indrelid
     WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`,
  );
  if (rows.length > 0) await client.query(`DROP INDEX ${rows.map(({ name }) => name).join(', ')}`);
  return rows.map(({ definition }) => definition);
}

/** The UUID of the n-th client, from 1 on, in SQL. */
export function largeFleetClientSql(number: string): string {
  return `md5('client ' || ${number})::uuid`;
}
