import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { testRun } from '../env.ts';
import { eventually } from '../eventually.ts';
import { onServer, SERVICE_ROLE, TEMPLATE_DATABASE } from './template-database.ts';

export interface TestDatabase {
  readonly name: string;
  /** As a service has it: with the rights of the services' role. */
  readonly url: string;
  /** As the owner of the tables, for what a test arranges that no service may do. */
  readonly ownerUrl: string;
  /** Runs one statement as the owner, on a connection of its own. */
  readonly asOwner: <Row extends pg.QueryResultRow>(
    statement: string,
    values?: readonly unknown[],
  ) => Promise<readonly Row[]>;
  /**
   * Removes it.
   * @throws when the code under test left a connection open; the database is removed all the same
   */
  readonly drop: () => Promise<void>;
}

/** A connection whose client has closed it is gone from the server's view only a moment later. */
const CLOSING_DEADLINE_MS = 2000;

/** A migrated, empty database of the test's own, copied from the template. Call it once per test file. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return forServices(await createDatabase(TEMPLATE_DATABASE));
}

/** The same database, with the rights of the services. */
export function forServices(database: TestDatabase): TestDatabase {
  return { ...database, url: serviceUrlOf(database.ownerUrl) };
}

/** A database without any table, for what is to build them: both of its URLs are the owner's. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template1');
}

/** The same database for the services' role of this test run. */
export function serviceUrlOf(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  [url.username, url.password] = [SERVICE_ROLE, testRun().servicePassword];
  return url.href;
}

/** @param template a database that nobody is connected to */
export async function createDatabase(template: string): Promise<TestDatabase> {
  const { databaseServerUrl } = testRun();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(databaseServerUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = new URL(databaseServerUrl);
  url.pathname = `/${name}`;
  return {
    name,
    url: url.href,
    ownerUrl: url.href,
    asOwner: (statement, values) => onServer(url.href, statement, values),
    drop: () => dropDatabase(databaseServerUrl, name),
  };
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
