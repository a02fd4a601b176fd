import { randomBytes } from 'node:crypto';
import { findMosquitto, type PostgresServer, startPostgres } from '@infoscreen/local-stack';
import { makeTemplateDatabase } from './database/template-database.ts';
import { serviceUrlOf } from './database/test-database.ts';
import { announceTestRun } from './env.ts';
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';

const MAX_CONNECTIONS = '300';

/** Tests need no data after a crash, and a server that doesn't wait for the disk. */
const SETTINGS_FOR_TESTS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: MAX_CONNECTIONS,
  shared_buffers: '64MB',
  max_wal_size: '2GB',
};

export interface TestRunOptions {
  /** A PostgreSQL with its own defaults, which waits for the disk as an installation's does. */
  readonly isDurable?: boolean;
}

let running: { readonly server: PostgresServer; readonly folder: string } | undefined;

/** Before a test run: one PostgreSQL with a migrated template database, and a look for Mosquitto. */
export async function startTestRun({ isDurable = false }: TestRunOptions = {}): Promise<void> {
  const settings = isDurable ? { max_connections: MAX_CONNECTIONS } : SETTINGS_FOR_TESTS;
  const folder = makeTemporaryFolder('test-postgres');
  const [server, mosquitto] = await Promise.all([
    startPostgres({ dataDir: `${folder}/data`, settings }),
    findMosquitto(),
  ]);
  running = { server, folder };
  if (mosquitto.kind === 'not_found')
    console.warn(`Tests that need a real Mosquitto are skipped: ${mosquitto.reason}.`);
  announceTestRun({
    databaseServerUrl: server.url('postgres'),
    servicePassword: randomBytes(24).toString('base64url'),
    mosquitto: mosquitto.kind === 'found' ? JSON.stringify(mosquitto.program) : undefined,
  });
  try {
    await makeTemplateDatabase({
      urlOf: (database) => server.url(database),
      serviceUrlOf: (database) => serviceUrlOf(server.url(database)),
    });
  } catch (error) {
    await endTestRun();
    throw error;
  }
}

export async function endTestRun(): Promise<void> {
  if (running === undefined) return;
  await running.server.stop('immediate');
  removeTemporaryFolder(running.folder);
  running = undefined;
}
