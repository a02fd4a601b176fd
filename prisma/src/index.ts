export { applyDatamodel } from './apply-datamodel.ts';
export * from './database.ts';
export type * from './generated/prisma/client.ts';
export { Prisma } from './generated/prisma/client.ts';
export { migrate } from './migrate.ts';
export { migrationNames } from './migrations-on-disk.ts';
export { missingMigrations, readSchemaState, SCHEMA_VERSION, type SchemaState } from './schema-state.ts';
export { letServicesIn } from './service-role/let-services-in.ts';
export { SERVICE_FUNCTIONS, SERVICE_RIGHTS } from './service-role/service-rights.ts';
