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
    for (const statement of largeFleetStatements(clients)) await client.query(statement);
    await client.query('VACUUM (ANALYZE)');
  } finally {
    await client.end();
  }
}

/** The UUID of the n-th client, from 1 on, in SQL. */
export function largeFleetClientSql(number: string): string {
  return `md5('client ' || ${number})::uuid`;
}
