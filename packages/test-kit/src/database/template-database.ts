import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY_ROOT } from '@infoscreen/local-stack';
import pg from 'pg';
import { processEnvironment } from '../env.ts';

export const TEMPLATE_DATABASE = 'infoscreen_template';

/** Makes the database of which each test file gets a copy: every migration applied, nothing in it, closed to connections. */
export async function makeTemplateDatabase(urlOf: (database: string) => string): Promise<void> {
  await onServer(urlOf('postgres'), `CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await migrateInOwnProcess(urlOf(TEMPLATE_DATABASE));
  await onServer(
    urlOf('postgres'),
    `ALTER DATABASE ${TEMPLATE_DATABASE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`,
  );
}

/** Migrations' engine keeps its process alive for ten seconds after its work, which would hold up the end of a test run. */
async function migrateInOwnProcess(url: string): Promise<void> {
  const entry = join(REPOSITORY_ROOT, 'packages', 'test-kit', 'dist', 'database', 'migrate-template-main.js');
  await promisify(execFile)(process.execPath, [entry, url], { env: processEnvironment() });
}

/** Runs one statement on a connection of its own. */
export async function onServer<Row extends pg.QueryResultRow>(
  url: string,
  statement: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'test-kit' });
  await client.connect();
  try {
    return (await client.query<Row>(statement, [...values])).rows;
  } finally {
    await client.end();
  }
}
