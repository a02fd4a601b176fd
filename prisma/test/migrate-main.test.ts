import { randomUUID } from 'node:crypto';
import { createEmptyDatabase, startProcess } from '@infoscreen/test-kit';
import { expect, it } from '@jest/globals';

it('the migrate step takes DATABASE_URL where MIGRATION_DATABASE_URL is empty, as in .env.example', async () => {
  const database = await createEmptyDatabase();
  const step = await startProcess({
    entry: 'prisma/dist/migrate-main.js',
    env: { DATABASE_URL: database.url, MIGRATION_DATABASE_URL: '' },
  });
  expect({ ...(await step.ended), logs: step.logs }).toMatchObject({
    code: 0,
    logs: [
      expect.stringMatching(/^applied \d+_the_fleet, /),
      expect.stringContaining('could change the audit log'),
    ],
  });
  await database.drop();
});

it('the migrate step makes the role of DATABASE_URL where MIGRATION_DATABASE_URL may', async () => {
  const database = await createEmptyDatabase();
  const role = `services_${randomUUID().replaceAll('-', '')}`;
  const serviceUrl = new URL(database.ownerUrl);
  [serviceUrl.username, serviceUrl.password] = [role, 'secret'];
  const step = await startProcess({
    entry: 'prisma/dist/migrate-main.js',
    env: { DATABASE_URL: serviceUrl.href, MIGRATION_DATABASE_URL: database.ownerUrl },
  });
  expect({ ...(await step.ended), logs: step.logs }).toMatchObject({
    code: 0,
    logs: [expect.stringMatching(/^applied /), "made the services' role and gave it its rights"],
  });
  await database.asOwner(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await database.drop();
});

it('the migrate step says what to do where the role of DATABASE_URL is missing and can not be made', async () => {
  const database = await createEmptyDatabase();
  const owner = `owner_${randomUUID().replaceAll('-', '')}`;
  await database.asOwner(`CREATE ROLE ${owner} LOGIN PASSWORD 'secret'`);
  await database.asOwner(`ALTER DATABASE ${database.name} OWNER TO ${owner}`);
  const url = (user: string) => {
    const changed = new URL(database.ownerUrl);
    [changed.username, changed.password] = [user, 'secret'];
    return changed.href;
  };
  const step = await startProcess({
    entry: 'prisma/dist/migrate-main.js',
    env: { DATABASE_URL: url('nobody_yet'), MIGRATION_DATABASE_URL: url(owner) },
  });
  expect({ ...(await step.ended), logs: step.logs.at(-1) }).toMatchObject({
    code: 1,
    logs: expect.stringMatching(
      /^The services' role has not got its rights: The role "nobody_yet" .* CREATE ROLE/,
    ),
  });
  await database.asOwner(`REASSIGN OWNED BY ${owner} TO CURRENT_USER`);
  await database.asOwner(`DROP OWNED BY ${owner}; DROP ROLE ${owner}`);
  await database.drop();
});
