import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverEnvironment } from '../env.ts';
import { giveToServers, prepareServerFolder } from '../machine/local-place.ts';
import { unprivilegedUser } from '../machine/unprivileged-user.ts';
import { startManagedProcess } from '../process/managed-process.ts';
import { prepareAccounts } from './accounts-file.ts';
import type { Broker, BrokerOptions } from './broker.ts';
import { type BrokerCertificates, certificateDoors } from './broker-certificates.ts';
import { findMosquitto, type Mosquitto } from './find-mosquitto.ts';
import { mosquittoConfig } from './mosquitto-config.ts';
import { runBroker } from './run-broker.ts';

export interface MosquittoOptions extends BrokerOptions {
  readonly mosquitto?: Mosquitto;
  readonly certificates?: BrokerCertificates;
  readonly limits?: Readonly<Record<string, string>>;
}

/**
 * Starts Mosquitto with the dynamic-security plugin: no anonymous access, and at first the admin's account alone.
 * @param options.mosquitto programs to use; looked for when left out
 * @param options.limits over those of `BROKER_SETTINGS`
 * @throws one sentence that says what to do: none to be had, port taken
 */
export async function startMosquitto(options: MosquittoOptions): Promise<Broker> {
  const mosquitto = options.mosquitto ?? (await requireMosquitto());
  const accountsPath = join(options.dir, 'dynamic-security.json');
  const configPath = join(options.dir, 'mosquitto.conf');
  const launch = async (port: number) => {
    prepareServerFolder(options.dir);
    prepareAccounts(accountsPath, options);
    writeFileSync(
      configPath,
      mosquittoConfig({
        doors: certificateDoors(options.dir, port, options.certificates),
        files: { stateFolder: options.dir, pluginPath: mosquitto.pluginPath, accountsPath },
        ...(options.limits === undefined ? {} : { limits: options.limits }),
      }),
    );
    giveToServers(configPath);
    return startManagedProcess({
      name: 'Mosquitto',
      command: mosquitto.binary,
      args: ['-c', configPath],
      env: { ...serverEnvironment(), ...mosquitto.env },
      user: unprivilegedUser(),
      onLine: options.onLogLine,
    });
  };
  const tls = options.certificates?.clients === undefined ? {} : { ca: options.certificates.ca };
  return runBroker({ kind: 'mosquitto', version: `Mosquitto ${mosquitto.version}`, launch, ...tls }, options);
}

async function requireMosquitto(): Promise<Mosquitto> {
  const found = await findMosquitto();
  if (found.kind === 'found') return found.program;
  throw new Error(`No Mosquitto to be had: ${found.reason}. Install it, or set LOCAL_BROKER=embedded.`);
}
