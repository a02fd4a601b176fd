import { join } from 'node:path';
import { migrate } from '@infoscreen/prisma';
import pg from 'pg';
import { localPlace } from '../machine/local-place.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { databaseProblem } from './database-problem.ts';
import { keepServerRunning } from './keep-server-running.ts';
import type { StackParts } from './stack-parts.ts';
import { StackRefusedError, type StackSettings } from './stack-settings.ts';

const DATABASE = 'infoscreen';

/** The database at `DATABASE_URL`, else an embedded PostgreSQL with its data under `.local`; migrated. */
export async function startDatabase(
  settings: StackSettings,
  superuserPassword: string,
  parts: StackParts,
): Promise<string> {
  const own = settings.DATABASE_URL;
  const url = own ?? (await startEmbedded(superuserPassword, parts));
  parts.say('bringing the schema up to date');
  const migrationUrl = own === undefined ? undefined : settings.MIGRATION_DATABASE_URL;
  try {
    await migrate({ url: migrationUrl ?? url });
  } catch (error) {
    throw new StackRefusedError(
      own === undefined
        ? `The database can't be migrated (${error instanceof Error ? error.message.split('\n')[0] : String(error)}): see .local/logs/postgres.log.`
        : databaseProblem(
            error,
            migrationUrl === undefined
              ? { url: own, setting: 'DATABASE_URL' }
              : { url: migrationUrl, setting: 'MIGRATION_DATABASE_URL' },
          ),
    );
  }
  return url;
}

async function startEmbedded(superuserPassword: string, parts: StackParts): Promise<string> {
  parts.say('starting PostgreSQL (embedded; its data stays in .local)');
  const server = await startPostgres({
    dataDir: join(localPlace(), 'postgres'),
    superuserPassword,
    settings: { max_connections: '200' },
    onLogLine: (line) => parts.logs.write('postgres', line, { shown: false }),
  });
  const { isRunning, start, stop } = server;
  parts.onStop('PostgreSQL', keepServerRunning({ name: 'PostgreSQL', isRunning, start, stop }, parts.logs));
  const client = new pg.Client({ connectionString: server.url('postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
  return server.url(DATABASE);
}
