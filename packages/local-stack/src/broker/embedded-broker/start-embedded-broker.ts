import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { serverEnvironment } from '../../env.ts';
import { startManagedProcess } from '../../process/managed-process.ts';
import { REPOSITORY_ROOT } from '../../repository-root.ts';
import { prepareAccounts } from '../accounts-file.ts';
import type { Broker, BrokerOptions } from '../broker.ts';
import { runBroker } from '../run-broker.ts';
import { embeddedBrokerEnvironment } from './env.ts';

const ENTRY = join(
  REPOSITORY_ROOT,
  'packages',
  'local-stack',
  'dist',
  'broker',
  'embedded-broker',
  'main.js',
);

/**
 * Starts the embedded broker as a process of its own (so that it can be killed like a real one).
 * @throws one sentence that says what to do: not built, port taken
 */
export async function startEmbeddedBroker(options: BrokerOptions): Promise<Broker> {
  if (!existsSync(ENTRY)) throw new Error('The embedded broker is not built: run "npm run build".');
  const accountsPath = join(options.dir, 'dynamic-security.json');
  const launch = (port: number) => {
    mkdirSync(options.dir, { recursive: true });
    prepareAccounts(accountsPath, options);
    return startManagedProcess({
      name: 'embedded broker',
      command: process.execPath,
      args: [ENTRY],
      env: { ...serverEnvironment(), ...embeddedBrokerEnvironment({ port, accountsPath }) },
      onLine: options.onLogLine,
    });
  };
  return runBroker({ kind: 'embedded', version: 'embedded broker (aedes)', launch }, options);
}
