import { join } from 'node:path';
import { migrate } from '@infoscreen/prisma';
import pg from 'pg';
import { localPlace } from '../machine/local-place.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import type { StackParts } from './stack-parts.ts';
import { StackRefusedError, type StackSettings } from './stack-settings.ts';

const DATABASE = 'infoscreen';

/** The database at `DATABASE_URL`, else an embedded PostgreSQL with its data under `.local`; migrated. */
export async function startDatabase(
  settings: StackSettings,
  superuserPassword: string,
  parts: StackParts,
): Promise<string> {
  const url = settings.DATABASE_URL ?? (await startEmbedded(superuserPassword, parts));
  parts.say('bringing the schema up to date');
  try {
    await migrate({ url });
  } catch (error) {
    throw new StackRefusedError(
      `The database can't be migrated: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}. ` +
        (settings.DATABASE_URL === undefined
          ? 'Its log is .local/logs/postgres.log.'
          : 'Check DATABASE_URL: host, port, user, password, database.'),
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
  parts.onStop('PostgreSQL', () => server.stop());
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
