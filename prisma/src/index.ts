export { applyDatamodel } from './apply-datamodel.ts';
export * from './database.ts';
export type * from './generated/prisma/client.ts';
export { Prisma } from './generated/prisma/client.ts';
export * from './listen.ts';
export { migrate } from './migrate.ts';
export { migrationNames } from './migrations-on-disk.ts';
export { missingMigrations, readSchemaState, SCHEMA_VERSION, type SchemaState } from './schema-state.ts';
