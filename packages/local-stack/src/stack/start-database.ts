import { join } from 'node:path';
import { letServicesIn, migrate } from '@infoscreen/prisma';
import pg from 'pg';
import { localPlace } from '../machine/local-place.ts';
import { startPostgres } from '../postgres/start-postgres.ts';
import { databaseProblem } from './database-problem.ts';
import { keepServerRunning } from './keep-server-running.ts';
import type { StackParts } from './stack-parts.ts';
import { StackRefusedError, type StackSettings } from './stack-settings.ts';

const DATABASE = 'infoscreen';
const SERVICE_ROLE = 'infoscreen_service';

export interface DatabasePasswords {
  /** Of the superuser, who owns the tables. */
  readonly owner: string;
  /** Of the role that the services use. */
  readonly service: string;
}

/**
 * The database at `DATABASE_URL`, else an embedded PostgreSQL with its data under `.local`; migrated, and with what the
 * services need granted to their role.
 * @returns the services' URL of it
 */
export async function startDatabase(
  settings: StackSettings,
  passwords: DatabasePasswords,
  parts: StackParts,
): Promise<string> {
  const own = settings.DATABASE_URL;
  const migrationUrl = own === undefined ? undefined : settings.MIGRATION_DATABASE_URL;
  const url = migrationUrl ?? own ?? (await startEmbedded(passwords.owner, parts));
  const serviceUrl = own ?? serviceUrlOf(url, passwords.service);
  parts.say('bringing the schema up to date');
  try {
    await migrate({ url });
    await letServicesIn({ url, serviceUrl });
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
  return serviceUrl;
}

function serviceUrlOf(ownerUrl: string, password: string): string {
  const url = new URL(ownerUrl);
  [url.username, url.password] = [SERVICE_ROLE, password];
  return url.href;
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
