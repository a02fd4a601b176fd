import { databaseProblem } from '@infoscreen/local-stack';
import { createEmptyDatabase, freePort, type TestDatabase } from '@infoscreen/test-kit';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';

let database: TestDatabase;
beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database.drop());

/** What npm start says when it can't use the database at `url`. */
async function problemAt(url: URL): Promise<string> {
  const client = new pg.Client({ connectionString: url.href });
  client.on('error', () => {});
  const error = await client.connect().then(
    () => undefined,
    (refusal: unknown) => refusal,
  );
  await client.end().catch(() => {});
  return databaseProblem(error, { url: url.href, setting: 'DATABASE_URL' });
}

test('a wrong password is named, without it', async () => {
  const url = new URL(database.url);
  url.password = 'not-this-one';
  expect(await problemAt(url)).toBe(
    `The database at ${url.host} refuses the password of "${url.username}": set the right user and password in DATABASE_URL.`,
  );
});

test('a database that is not there is named', async () => {
  const url = new URL(database.url);
  url.pathname = '/not%20here';
  expect(await problemAt(url)).toBe(
    `There is no database "not here" at ${url.host}: make it, or name another one in DATABASE_URL.`,
  );
});

test('a port at which nothing listens is named', async () => {
  const url = new URL(database.url);
  url.port = String(await freePort());
  expect(await problemAt(url)).toBe(
    `No database answers at ${url.host} (ECONNREFUSED): start it, or set its host and port in DATABASE_URL.`,
  );
});

test('anything else keeps the words of the database, in one line', () => {
  const problem = databaseProblem(new Error('migration failed\nSELECT 1'), {
    url: 'postgresql://owner@db/infoscreen',
    setting: 'MIGRATION_DATABASE_URL',
  });
  expect(problem).toBe(
    "The database at db:5432 can't be migrated (migration failed): mend that, or set another database in MIGRATION_DATABASE_URL.",
  );
});
