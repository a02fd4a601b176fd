import { createDatabase, type Database, SCHEMA_VERSION } from '@infoscreen/prisma';
import { checkSchema, StartRefusedError } from '@infoscreen/service-kit';
import {
  createEmptyDatabase,
  createTestDatabase,
  eventually,
  freePort,
  startTcpProxy,
  type TestDatabase,
} from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRecordingLogger } from './recording-logger.ts';

const open = (url: string) => createDatabase({ url, applicationName: 'schema check', poolSize: 2 });

describe('a service that starts', () => {
  let database: TestDatabase;
  let connections: Database;
  beforeEach(async () => {
    database = await createTestDatabase();
    connections = open(database.url);
  });
  afterEach(async () => {
    await connections.close();
    await database.drop();
  });
  const refusal = async (serviceVersion?: number): Promise<string> => {
    const options = serviceVersion === undefined ? {} : { serviceVersion };
    const outcome = await checkSchema(connections.pool, options).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(StartRefusedError);
    return outcome instanceof Error ? outcome.message : '';
  };

  it('takes a schema that is newer and lets it', async () => {
    await connections.pool.query('UPDATE schema_compatibility SET version = version + 1');
    await checkSchema(connections.pool);
  });

  it('refuses a schema older than it needs, in one sentence', async () => {
    expect(await refusal(SCHEMA_VERSION + 1)).toMatch(
      new RegExp(
        `has version ${SCHEMA_VERSION}, and this service needs version ${SCHEMA_VERSION + 1}.*migrate`,
      ),
    );
  });

  it('refuses a schema that only newer services may work on, in one sentence', async () => {
    await connections.pool.query(
      'UPDATE schema_compatibility SET version = version + 1, min_compatible_version = version + 1',
    );
    expect(await refusal()).toMatch(/run a newer release/);
  });

  it('refuses an empty database, and names the step to run', async () => {
    const empty = await createEmptyDatabase();
    const other = open(empty.url);
    await expect(checkSchema(other.pool)).rejects.toThrow(
      /has version 0.*node prisma\/dist\/migrate-main\.js/,
    );
    await other.close();
    await empty.drop();
  });

  it('waits for a database that is away, with one line at the begin and one at the end', async () => {
    const logger = createRecordingLogger();
    const url = new URL(database.url);
    const port = await freePort();
    const away = new URL(database.url);
    away.port = String(port);
    const other = open(away.href);
    const checked = checkSchema(other.pool, { logger });
    await eventually(() => logger.lines.length > 0);
    const proxy = await startTcpProxy({ target: { host: url.hostname, port: Number(url.port) }, port });
    await checked;
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'database not reached, trying again',
      'database reached',
    ]);
    await other.close();
    await proxy.stop();
  });
});
