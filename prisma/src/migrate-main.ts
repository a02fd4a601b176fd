import { migrate } from './migrate.ts';
import { letServicesIn } from './service-role/let-services-in.ts';

// The step of its own that brings the schema up to date, and gives the role of the services its rights:
// `MIGRATION_DATABASE_URL=… DATABASE_URL=… node prisma/dist/migrate-main.js`. An empty value counts as not set.
const serviceUrl = process.env['DATABASE_URL'] || undefined;
const url = process.env['MIGRATION_DATABASE_URL'] || serviceUrl;
if (url === undefined) {
  console.error(
    'Set DATABASE_URL (or MIGRATION_DATABASE_URL) to the database to migrate, e.g. postgresql://user:password@host:5432/infoscreen.',
  );
  process.exit(1);
}

const SERVICE_ROLE_LINES = {
  made: "made the services' role and gave it its rights",
  password_set: "gave the services' role the password of DATABASE_URL, and its rights",
  ready: "gave the services' role its rights",
  same_role:
    'the services run as the owner of the tables and could change the audit log: see MIGRATION_DATABASE_URL in docs/configuration.md',
} as const;

try {
  const applied = await migrate({ url });
  console.log(applied.length === 0 ? 'schema is up to date' : `applied ${applied.join(', ')}`);
} catch (error) {
  fail('The migration failed', error);
}
try {
  if (serviceUrl !== undefined) console.log(SERVICE_ROLE_LINES[await letServicesIn({ url, serviceUrl })]);
} catch (error) {
  fail("The services' role has not got its rights", error);
}

function fail(what: string, error: unknown): never {
  console.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
