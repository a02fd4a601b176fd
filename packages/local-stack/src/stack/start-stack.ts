import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isPortFree } from '../machine/free-port.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { type AdminApi, logIn, serverIsReady } from './admin-api.ts';
import { baseUrlOf } from './base-url.ts';
import { createLogFiles } from './log-files.ts';
import { screensEnvironment, serviceEnvironment } from './service-environment.ts';
import { prepareScreens, readActiveScreens, writeActiveScreens } from './simulated-screens.ts';
import { readEnvFile, type StackSecrets, settleSecrets, writeStackEnv } from './stack-env-file.ts';
import type { StackParts } from './stack-parts.ts';
import { type Environment, StackRefusedError, type StackSettings } from './stack-settings.ts';
import { startDatabase } from './start-database.ts';
import { type BrokerAddress, startLocalBroker } from './start-local-broker.ts';
import { type SupervisedService, superviseService } from './supervised-service.ts';

const START_DEADLINE_MS = 90_000;
const ASK_EVERY_MS = 300;
const MQTT_USER = 'infoscreen-services';
const MQTT_ADMIN_USER = 'infoscreen-admin';

const localFolder = join(REPOSITORY_ROOT, '.local');
const distOf = (name: string) => join(REPOSITORY_ROOT, 'packages', name, 'dist', 'main.js');

/**
 * Starts the whole system on this machine, in the order in which its parts need each other, and says so line by line.
 * Resolves when all of it works.
 * @throws StackRefusedError with one sentence that says what to do
 */
export async function startStack(settings: StackSettings, parts: StackParts): Promise<void> {
  if (!(await isPortFree(settings.PORT))) {
    throw new StackRefusedError(
      `Port ${settings.PORT} is in use: stop what listens there, or set PORT to another port.`,
    );
  }
  const stackEnv = join(localFolder, 'stack.env');
  const secrets = settleSecrets(settings.given, readEnvFile(stackEnv));
  if (settings.MQTT_HOST !== undefined) requireForeignBroker(settings.given);
  const accounts = {
    MQTT_USER: settings.given['MQTT_USER'] ?? MQTT_USER,
    MQTT_ADMIN_USER: settings.given['MQTT_ADMIN_USER'] ?? MQTT_ADMIN_USER,
  };
  const admin = { username: accounts.MQTT_ADMIN_USER, password: secrets.values.MQTT_ADMIN_PASSWORD };
  const databaseUrl = await startDatabase(settings, databasePasswords(secrets), parts);
  const broker = await startLocalBroker(settings, admin, parts);
  const baseUrl = baseUrlOf(settings);
  const whereabouts = {
    BASE_URL: baseUrl,
    PORT: String(settings.PORT),
    MQTT_HOST: broker.host,
    MQTT_PORT: String(broker.port),
    // A broker of our own listens on loopback alone, and takes no TLS.
    MQTT_TLS: String(settings.MQTT_HOST !== undefined && settings.MQTT_TLS),
    ...accounts,
    ADMIN_USERNAME: settings.ADMIN_USERNAME,
  };
  writeStackEnv(stackEnv, settings.given, secrets, whereabouts);
  const env = serviceEnvironment(settings, secrets, { ...whereabouts, DATABASE_URL: databaseUrl });
  await startServices(env, baseUrl, parts);
  const api = await logInOrTell(baseUrl, settings, secrets, parts);
  await untilEverythingWorks(api, parts);
  await startScreens(settings, broker, api, parts);
  printBanner({ settings, secrets, broker, baseUrl }, parts);
}

function requireForeignBroker(given: Environment): void {
  const missing = ['MQTT_USER', 'MQTT_PASSWORD', 'MQTT_ADMIN_USER', 'MQTT_ADMIN_PASSWORD'].filter(
    (name) => given[name] === undefined,
  );
  if (missing.length > 0)
    throw new StackRefusedError(`MQTT_HOST names a broker of yours: set ${missing.join(', ')} for it too.`);
}

function databasePasswords({ values }: StackSecrets) {
  return { owner: values.POSTGRES_PASSWORD, service: values.POSTGRES_SERVICE_PASSWORD };
}

async function startServices(env: Environment, baseUrl: string, parts: StackParts): Promise<void> {
  const services: SupervisedService[] = [];
  const start = async (name: string) => {
    parts.say(`starting ${name}`);
    // Only `server` writes the other accounts, and only it knows how.
    const {
      MQTT_ADMIN_USER: _user,
      MQTT_ADMIN_PASSWORD: _password,
      CREDENTIALS_KEY: _key,
      SESSION_SECRET: _secret,
      ADMIN_PASSWORD: _admin,
      ...common
    } = env;
    const own = name === 'server' ? env : { ...withoutAccountsOfOthers(common, name), OPS_PORT: '0' };
    const service = await superviseService({ name, entry: distOf(name), env: own, logs: parts.logs });
    parts.onStop(name, () => service.stop());
    services.push(service);
    return service;
  };
  const server = await start('server');
  await until('the server answers', () => serverIsReady(baseUrl), [server]);
  await start('listener');
  await start('scheduler');
}

/** The server makes the broker accounts of all three; the others know their own. */
function withoutAccountsOfOthers(env: Environment, service: string): Environment {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => {
      const owner = /^([A-Z]+)_MQTT_(USER|PASSWORD)(_FILE)?$/.exec(name)?.[1];
      return owner === undefined || owner === service.toUpperCase();
    }),
  );
}

async function logInOrTell(
  baseUrl: string,
  settings: StackSettings,
  secrets: StackSecrets,
  parts: StackParts,
): Promise<AdminApi | undefined> {
  try {
    return await logIn(baseUrl, settings.ADMIN_USERNAME, secrets.values.ADMIN_PASSWORD);
  } catch (error) {
    if (!(error instanceof StackRefusedError)) throw error;
    parts.say(
      `${error.message} Until then no further simulated screens can be made, and the monitoring isn't asked.`,
    );
    return undefined;
  }
}

async function untilEverythingWorks(api: AdminApi | undefined, parts: StackParts): Promise<void> {
  if (api === undefined) return;
  parts.say('waiting until everything works');
  let problems: readonly string[] = [];
  await until(
    () => `everything works (${problems.join('; ')})`,
    async () => {
      problems = await api.systemProblems();
      return problems.length === 0;
    },
  );
}

async function startScreens(
  settings: StackSettings,
  broker: BrokerAddress,
  api: AdminApi | undefined,
  parts: StackParts,
): Promise<void> {
  if (settings.SIMULATED_SCREENS === 0) return;
  const kept = join(localFolder, 'simulated-screens.json');
  const active = join(localFolder, 'simulated-screens.active.json');
  const count = await prepareScreens(kept, settings.SIMULATED_SCREENS, api);
  writeActiveScreens(kept, active, count);
  parts.say(`starting ${count} simulated screen${count === 1 ? '' : 's'}`);
  const env = screensEnvironment(settings, {
    MQTT_HOST: broker.host,
    MQTT_PORT: String(broker.port),
    MQTT_TLS: String(settings.MQTT_HOST !== undefined && settings.MQTT_TLS),
    SIMULATED_SCREENS_FILE: active,
  });
  const screens = await superviseService({
    name: 'screens',
    entry: distOf('device-agent'),
    env,
    logs: parts.logs,
  });
  parts.onStop('the screens', () => screens.stop());
  if (api === undefined) return;
  const uuids = readActiveScreens(active);
  await until('the simulated screens are alive', () => api.areAlive(uuids), [screens]);
}

async function until(
  what: string | (() => string),
  check: () => Promise<boolean>,
  services: readonly SupervisedService[] = [],
): Promise<void> {
  const giveUpAt = Date.now() + START_DEADLINE_MS;
  const poll = async () => {
    while (!(await check())) {
      if (Date.now() > giveUpAt) {
        throw new StackRefusedError(
          `Waited ${START_DEADLINE_MS / 1000} s in vain until ${typeof what === 'string' ? what : what()}; .local/logs/ tells more.`,
        );
      }
      await pause(ASK_EVERY_MS);
    }
  };
  await Promise.race([poll(), ...services.map(({ refused }) => refused)]);
}

interface Banner {
  readonly settings: StackSettings;
  readonly secrets: StackSecrets;
  readonly broker: BrokerAddress;
  readonly baseUrl: string;
}

function printBanner({ settings, secrets, broker, baseUrl }: Banner, parts: StackParts): void {
  const password = secrets.made.has('ADMIN_PASSWORD')
    ? `password ${secrets.values.ADMIN_PASSWORD} (made just now, shown this once; kept in .local/stack.env)`
    : 'the password that you set, or the one kept in .local/stack.env';
  for (const line of [
    '',
    'Everything works.',
    `  Page and API   ${baseUrl}/  (API documentation: ${baseUrl}/api/docs)`,
    `  Log in         user ${settings.ADMIN_USERNAME}, ${password}`,
    `  MQTT           ${broker.description}; accounts in .local/stack.env`,
    `  Logs           .local/logs/`,
    '  Stop           Ctrl-C',
    '',
  ]) {
    parts.say(line);
  }
}

/** Folder and log files of a run. @throws where they can't be read and written */
export function openLocalFolder(): ReturnType<typeof createLogFiles> {
  const logsFolder = join(localFolder, 'logs');
  mkdirSync(logsFolder, { recursive: true });
  for (const folder of [localFolder, logsFolder])
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  return createLogFiles(logsFolder, process.stdout);
}
