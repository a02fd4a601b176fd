import pg from 'pg';
import { onServer, TEMPLATE_DATABASE } from '../database/template-database.ts';
import { createDatabase, forServices, type TestDatabase } from '../database/test-database.ts';
import { testRun } from '../env.ts';
import { fillLargeFleet } from './fill-large-fleet.ts';

export const LARGE_FLEET_CLIENTS = 100_000;
const LARGE_TEMPLATE = 'infoscreen_large_template';
/** In seconds: what is due, stale or alive depends on the time since. Less than a grace period and than a command lives. */
const FRESH_SECONDS = 60;
/** Key of the advisory lock under which the first test file that needs it makes the template. */
const MAKING_LOCK = 4_907_162_590;

/**
 * A database of the test's own with a hundred thousand clients in it, as they are now. The first one takes some 15 s to make, those
 * that are asked for soon after it are copies.
 */
export async function createLargeFleetDatabase(): Promise<TestDatabase> {
  const { databaseServerUrl } = testRun();
  const client = new pg.Client({ connectionString: databaseServerUrl, application_name: 'test-kit' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MAKING_LOCK]);
    const { rows } = await client.query(
      `SELECT FROM pg_database WHERE datname = $1 AND datistemplate
         AND shobj_description(oid, 'pg_database')::timestamptz > now() - make_interval(secs => $2)`,
      [LARGE_TEMPLATE, FRESH_SECONDS],
    );
    if (rows.length === 0) await makeTemplate(databaseServerUrl);
    return forServices(await createDatabase(LARGE_TEMPLATE));
  } finally {
    await client.end();
  }
}

async function makeTemplate(serverUrl: string): Promise<void> {
  // One that is too old, or what another test file left half made, when it ended in between.
  const [old] = await onServer(serverUrl, 'SELECT FROM pg_database WHERE datname = $1', [LARGE_TEMPLATE]);
  if (old !== undefined) {
    await onServer(serverUrl, `ALTER DATABASE ${LARGE_TEMPLATE} WITH IS_TEMPLATE false`);
    await onServer(serverUrl, `DROP DATABASE ${LARGE_TEMPLATE} WITH (FORCE)`);
  }
  await onServer(serverUrl, `CREATE DATABASE ${LARGE_TEMPLATE} TEMPLATE ${TEMPLATE_DATABASE}`);
  await onServer(
    serverUrl,
    `DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE ${LARGE_TEMPLATE} IS %L', now()); END $$`,
  );
  const url = new URL(serverUrl);
  url.pathname = `/${LARGE_TEMPLATE}`;
  await fillLargeFleet({ ownerUrl: url.href, clients: LARGE_FLEET_CLIENTS });
  await onServer(serverUrl, `ALTER DATABASE ${LARGE_TEMPLATE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
}
