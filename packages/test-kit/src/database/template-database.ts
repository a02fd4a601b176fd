import { letServicesIn, migrate } from '@infoscreen/prisma';
import pg from 'pg';

export const TEMPLATE_DATABASE = 'infoscreen_template';
/** Belongs to the whole server, so all test databases share it. */
export const SERVICE_ROLE = 'infoscreen_service';

export interface DatabaseServer {
  /** URL of a database for the owner of its tables, a superuser. */
  readonly urlOf: (database: string) => string;
  /** The same for the services' role, which the first migrate step makes. */
  readonly serviceUrlOf: (database: string) => string;
}

/** Makes the database of which each test file gets a copy: every migration applied, nothing in it, closed to connections. */
export async function makeTemplateDatabase({ urlOf, serviceUrlOf }: DatabaseServer): Promise<void> {
  await onServer(urlOf('postgres'), `CREATE DATABASE ${TEMPLATE_DATABASE}`);
  const url = urlOf(TEMPLATE_DATABASE);
  await migrate({ url });
  await letServicesIn({ url, serviceUrl: serviceUrlOf(TEMPLATE_DATABASE) });
  await onServer(
    urlOf('postgres'),
    `ALTER DATABASE ${TEMPLATE_DATABASE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`,
  );
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
