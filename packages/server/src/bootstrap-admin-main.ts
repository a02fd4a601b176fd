import { parseArgs } from 'node:util';
import { createDatabase } from '@infoscreen/prisma';
import { checkSchema, StartRefusedError } from '@infoscreen/service-kit';
import { createPasswordHasher } from './auth/password-hash.ts';
import { readBootstrapEnv } from './env.ts';
import { ensureFirstSuperadmin } from './users/first-superadmin.ts';
import { madePassword } from './users/made-password.ts';

// Makes the first superadmin where there is no user, and prints one line of JSON: {"outcome", "username", "password"?}.
// A made password must be changed at the first log-in, unless --must-change=false: for scripts that log in unattended.
try {
  const { values } = parseArgs({ options: { 'must-change': { type: 'string', default: 'true' } } });
  const settings = readBootstrapEnv();
  const database = createDatabase({
    url: settings.DATABASE_URL,
    applicationName: 'infoscreen-bootstrap',
    poolSize: 2,
  });
  try {
    await checkSchema(database.pool);
    const username = settings.ADMIN_USERNAME;
    const made = settings.ADMIN_PASSWORD === undefined ? madePassword() : null;
    const outcome = await ensureFirstSuperadmin(
      { pool: database.pool, hasher: createPasswordHasher({ cost: settings.PASSWORD_HASH_COST }) },
      {
        username,
        password: made ?? settings.ADMIN_PASSWORD ?? '',
        mustChangePassword: made !== null && values['must-change'] !== 'false',
      },
    );
    const password = outcome === 'created' && made !== null ? { password: made } : {};
    console.log(JSON.stringify({ outcome, username, ...password }));
  } finally {
    await database.close();
  }
} catch (error) {
  const text =
    error instanceof StartRefusedError || error instanceof TypeError ? error.message : String(error);
  console.error(`bootstrap-admin: ${text}`);
  process.exitCode = 1;
}
