export { freePort } from '@infoscreen/local-stack';
export * from './broker/account-control.ts';
export * from './broker/mqtt-client.ts';
export * from './broker/test-broker.ts';
export { createEmptyDatabase, createTestDatabase, type TestDatabase } from './database/test-database.ts';
export * from './eventually.ts';
export * from './process/start-process.ts';
export { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';
