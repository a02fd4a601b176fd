/** The only reader and writer of this package's environment: how the test run's setup reaches the tests' processes. */

const DATABASE_SERVER = 'INFOSCREEN_TEST_DATABASE_SERVER';
const SERVICE_PASSWORD = 'INFOSCREEN_TEST_SERVICE_PASSWORD';
const MOSQUITTO = 'INFOSCREEN_TEST_MOSQUITTO';

/** What the setup of a test run leaves for its tests. */
export interface TestRun {
  /** URL of the server's `postgres` database, as superuser. */
  readonly databaseServerUrl: string;
  /** Password of the services' role on it. */
  readonly servicePassword: string;
  /** JSON of the Mosquitto that was found; `undefined` when none can be had. */
  readonly mosquitto: string | undefined;
}

export function announceTestRun(run: TestRun): void {
  process.env[DATABASE_SERVER] = run.databaseServerUrl;
  process.env[SERVICE_PASSWORD] = run.servicePassword;
  if (run.mosquitto === undefined) delete process.env[MOSQUITTO];
  else process.env[MOSQUITTO] = run.mosquitto;
}

/** @throws when the test run was started without its setup */
export function testRun(): TestRun {
  const databaseServerUrl = process.env[DATABASE_SERVER];
  const servicePassword = process.env[SERVICE_PASSWORD];
  if (databaseServerUrl === undefined || servicePassword === undefined)
    throw new Error('The test run has no setup: start it with "npm run jest" from the top folder.');
  return { databaseServerUrl, servicePassword, mosquitto: process.env[MOSQUITTO] };
}

/** What a process under test is given of our environment: enough to run, none of our own settings. */
export function processEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', TZ: 'UTC', NODE_ENV: 'test' };
}
