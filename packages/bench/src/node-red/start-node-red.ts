import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServiceProcess, startProcess } from '@infoscreen/test-kit';
import type { SubscriberOrder } from '../limits/subscriber-order.ts';
import { nodeRedFlow } from './node-red-flow.ts';

const START_DEADLINE_MS = 60_000;
const POOL_SIZE = 10;

/** Without editor and admin API it opens no port at all; it says nothing home and installs nothing. */
const SETTINGS = {
  flowFile: 'flows.json',
  credentialSecret: false,
  uiHost: '127.0.0.1',
  httpAdminRoot: false,
  httpNodeRoot: false,
  telemetry: { enabled: false, updateNotification: false },
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};

/**
 * Runs Node-RED with the flow; resolves when that is started, which isn't yet when it hears its topics.
 * @param folder where it is installed; its files are written there, passwords among them
 */
export function startNodeRed(folder: string, order: SubscriberOrder): Promise<ServiceProcess> {
  const { username: user, password } = order;
  write(folder, 'flows.json', JSON.stringify(nodeRedFlow(order)));
  write(folder, 'flows_cred.json', JSON.stringify({ broker: { user, password } }));
  write(folder, 'settings.js', settingsFile(order.databaseUrl ?? ''));
  return startProcess({
    entry: join(folder, 'node_modules', 'node-red', 'red.js'),
    args: ['--userDir', folder, '--settings', join(folder, 'settings.js')],
    env: { NODE_ENV: 'production' },
    readyLine: /Started flows/,
    deadlineMs: START_DEADLINE_MS,
  });
}

/** One pool for all functions, handed to them as Node-RED's documentation has it. */
function settingsFile(connectionString: string): string {
  const pool = JSON.stringify({ connectionString, max: POOL_SIZE, application_name: 'node-red' });
  return `const { Pool } = require('pg');
module.exports = { ...${JSON.stringify(SETTINGS)}, functionGlobalContext: { pool: new Pool(${pool}) } };
`;
}

function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
}
