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
    logs: [expect.stringMatching(/^applied \d+_the_fleet, /)],
  });
  await database.drop();
});
