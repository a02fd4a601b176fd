import { randomUUID } from 'node:crypto';
import { testRun } from '../env.ts';
import { eventually } from '../eventually.ts';
import { onServer, TEMPLATE_DATABASE } from './template-database.ts';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /**
   * Removes it.
   * @throws when the code under test left a connection open; the database is removed all the same
   */
  readonly drop: () => Promise<void>;
}

/** A connection whose client has closed it is gone from the server's view only a moment later. */
const CLOSING_DEADLINE_MS = 2000;

/** A migrated, empty database of the test's own, copied from the template. Call it once per test file. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(TEMPLATE_DATABASE);
}

/** A database without any table, for what is to build them. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template1');
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const { databaseServerUrl } = testRun();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(databaseServerUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(databaseServerUrl);
  url.pathname = `/${name}`;
  return { name, url: url.href, drop: () => dropDatabase(databaseServerUrl, name) };
}

interface OpenConnection {
  readonly application_name: string;
  readonly state: string | null;
  readonly query: string;
}

async function dropDatabase(databaseServerUrl: string, name: string): Promise<void> {
  const openConnections = () =>
    onServer<OpenConnection>(
      databaseServerUrl,
      `SELECT application_name, state, left(query, 200) AS query FROM pg_stat_activity
       WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    );
  let leaked: readonly OpenConnection[] = [];
  try {
    const isUnused = async () => {
      leaked = await openConnections();
      return leaked.length === 0;
    };
    await eventually(isUnused, { deadlineMs: CLOSING_DEADLINE_MS });
  } catch (error) {
    if (leaked.length === 0) throw error;
  } finally {
    await onServer(databaseServerUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
  if (leaked.length === 0) return;
  const each = leaked.map(
    ({ application_name, state, query }) => `  "${application_name}" ${state ?? ''}: ${query}`,
  );
  throw new Error(`${leaked.length} database connections were left open:\n${each.join('\n')}`);
}
