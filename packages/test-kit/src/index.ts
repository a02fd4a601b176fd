export { freePort } from '@infoscreen/local-stack';
export * from './broker/account-control.ts';
export * from './broker/mqtt-client.ts';
export * from './broker/mqtt-packets.ts';
export * from './broker/test-broker.ts';
export * from './certificates/test-authority.ts';
export * from './certificates/tls-broker.ts';
export { createEmptyDatabase, createTestDatabase, type TestDatabase } from './database/test-database.ts';
export * from './eventually.ts';
export type { ApiAnswer, ApiUser } from './fleet/fleet-api.ts';
export { logInAt } from './fleet/fleet-api.ts';
export { type Scrape, scrapeMetrics } from './fleet/scrape-metrics.ts';
export * from './fleet/service-settings.ts';
export { type Fleet, type FleetOptions, startFleet } from './fleet/start-fleet.ts';
export * from './fleet/start-replica.ts';
export { endTestRun, startTestRun } from './jest-run.ts';
export {
  fillLargeFleet,
  type LargeFleetOptions,
  largeFleetClientSql,
} from './large-fleet/fill-large-fleet.ts';
export { createLargeFleetDatabase, LARGE_FLEET_CLIENTS } from './large-fleet/large-fleet-database.ts';
export * from './network/tcp-proxy.ts';
export { explainStatements, type SequentialScan } from './plans/explain-statements.ts';
export * from './plans/record-statements.ts';
export { reportScans, type ScanException, type ScanReport } from './plans/unexpected-scans.ts';
export * from './process/start-process.ts';
export { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts';
export { issueCommandNaively } from './twins/issue-naively.ts';
export { naiveListenerAccess } from './twins/naive-stream.ts';
