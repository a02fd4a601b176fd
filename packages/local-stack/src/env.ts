/** The only reader of this package's environment. */
import { delimiter } from 'node:path';

export const BROKER_KINDS = ['mosquitto', 'embedded'] as const;
export type BrokerKind = (typeof BROKER_KINDS)[number];

/**
 * `LOCAL_BROKER` of the environment, for the tests: which broker to run; `undefined` = Mosquitto where one can be had, else the embedded one.
 * @throws a sentence when it is set to anything else
 */
export function localBroker(value = process.env['LOCAL_BROKER']): BrokerKind | undefined {
  if (value === undefined || value === '') return undefined;
  if (value === 'mosquitto' || value === 'embedded') return value;
  throw new Error(`LOCAL_BROKER is "${value}"; set it to "mosquitto" or "embedded", or leave it out.`);
}

/** Folders of `PATH`, then those where system services live and which are often missing from it. */
export function executableFolders(): readonly string[] {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...new Set([...path, '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/sbin'])];
}

/** What a started server is given of our environment: enough to run, nothing secret and no `PG*` or locale settings. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: executableFolders().join(delimiter), LC_ALL: 'C', TZ: 'UTC' };
}

/** The whole environment, for the settings of `npm start`; it decides what of it goes on to whom. */
export function stackEnvironment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}
