import { randomUUID } from 'node:crypto';
import { createDatabase, type Database, SCHEMA_VERSION } from '@infoscreen/prisma';
import { checkAccountRights, checkSchema, StartRefusedError } from '@infoscreen/service-kit';
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
    connections = open(database.ownerUrl);
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

  it('warns of an account that could change the audit log, and takes one that could not without a word', async () => {
    const logger = createRecordingLogger();
    await checkSchema(connections.pool, { logger });
    expect(logger.lines).toMatchObject([
      { level: 'warn', message: 'the database account of this service could change the audit log' },
    ]);
    const service = open(database.url);
    const quiet = createRecordingLogger();
    await checkSchema(service.pool, { logger: quiet });
    await service.close();
    expect(quiet.lines).toEqual([]);
  });

  it('warns of an account that could become the owner', async () => {
    const member = `member_${randomUUID().replaceAll('-', '')}`;
    const url = new URL(database.url);
    await database.asOwner(
      `CREATE ROLE ${member} LOGIN NOINHERIT PASSWORD 'secret' IN ROLE infoscreen_service, postgres`,
    );
    [url.username, url.password] = [member, 'secret'];
    const logger = createRecordingLogger();
    const other = open(url.href);
    await checkAccountRights(other.pool, logger);
    await other.close();
    await database.asOwner(`DROP ROLE ${member}`);
    expect(logger.lines).toMatchObject([{ level: 'warn' }]);
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
