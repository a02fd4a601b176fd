import { migrate } from './migrate.ts';

// The step of its own that brings the schema up to date: `DATABASE_URL=… node prisma/dist/migrate-main.js`.
// An empty value counts as not set.
const url = process.env['MIGRATION_DATABASE_URL'] || process.env['DATABASE_URL'];
if (url === undefined || url === '') {
  console.error(
    'Set DATABASE_URL (or MIGRATION_DATABASE_URL) to the database to migrate, e.g. postgresql://user:password@host:5432/infoscreen.',
  );
  process.exit(1);
}
try {
  const applied = await migrate({ url });
  console.log(applied.length === 0 ? 'schema is up to date' : `applied ${applied.join(', ')}`);
} catch (error) {
  console.error(`The migration failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
