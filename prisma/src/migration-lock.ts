import pg from 'pg';

/** Key of the advisory lock under which migrations run: "infoscreen migrations", of no other meaning. */
const MIGRATION_LOCK = 4_907_162_511;
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Runs `work` while no other process migrates this database; its connection is the one that holds the lock.
 * @throws when the lock isn't to be had within a minute
 */
export async function withMigrationLock<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    application_name: 'infoscreen-migrate',
  });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work(client);
  } finally {
    await client.end();
  }
}
