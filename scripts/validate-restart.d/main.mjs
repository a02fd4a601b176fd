import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkAliveScreen } from './alive-screen.mjs';
import { createApi } from './api.mjs';
import { createBroker, WATCHED } from './broker.mjs';
import { createCriteria, found } from './criteria.mjs';
import { checkLockout } from './lockout.mjs';
import { checkLogs } from './log-evidence.mjs';
import { followLogs } from './logs.mjs';
import { createMadeClients } from './made-clients.mjs';
import { beginOfflineScreen } from './offline-screen.mjs';
import { HELP, readOptions } from './options.mjs';
import { hasProgram } from './programs.mjs';
import { logIn } from './session.mjs';
import { readSettings } from './settings.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
// Whoever reads the output may stop reading (`| head`); the run still takes back what it made.
process.stdout.on('error', () => {});
const write = (line) => process.stdout.write(`${line}\n`);

const options = readOptions(process.argv.slice(2));
if (options.help) {
  process.stdout.write(HELP);
} else if (options.problem) {
  refuse(`${options.problem}\nSee scripts/validate-restart --help.`);
} else {
  await validate(readSettings(process.env, repository, options));
}

function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}

async function validate(settings) {
  const missing = ['MQTT_USER', 'MQTT_PASSWORD', 'ADMIN_PASSWORD'].filter((name) => !settings.get(name));
  if (missing.length > 0) {
    refuse(`${missing.join(', ')} not set: neither in the environment nor in .env nor in .local/stack.env.`);
    return;
  }
  if (!hasProgram('curl')) {
    refuse('curl is needed and not on PATH.');
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'validate-restart-'));
  const run = prepareRun(settings, folder);
  const end = async () => {
    await run.watch?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void giveUp(run, end));
  }
  try {
    await checkAll(run);
  } finally {
    await end();
  }
  process.exitCode = run.criteria.close() ? 0 : 1;
}

/** Interrupted: takes back what was made, then ends the process. */
async function giveUp({ clients }, end) {
  write('interrupted; deleting what was made');
  await clients.deleteAll().catch((error) => write(error.message));
  await end();
  process.exit(130);
}

function prepareRun(settings, folder) {
  const criteria = createCriteria(write);
  const baseUrl = settings.baseUrl();
  const isTls = ['true', '1', 'yes', 'on'].includes(settings.get('MQTT_TLS', 'false').toLowerCase());
  const mqtt = {
    host: settings.get('MQTT_HOST', '127.0.0.1'),
    port: settings.number('MQTT_PORT', isTls ? 8883 : 1883),
    ...(isTls ? { tls: { caFile: settings.get('MQTT_CA_FILE') } } : {}),
  };
  const api = createApi({ baseUrl, folder });
  write(`Checking ${baseUrl} and the broker at ${mqtt.host}:${mqtt.port}.`);
  return {
    settings,
    options,
    criteria,
    api,
    broker: createBroker(mqtt, folder),
    clients: createMadeClients(api),
    logs: followLogs({
      compose: options.compose,
      listenerLog: settings.get('LISTENER_LOG', path.join('.local', 'logs', 'listener*.log')),
      repository,
    }),
    reason: 'restart validation checklist',
    note: (text) => criteria.note(text),
    /** Commands that a screen answered, so that a listener must have seen them. */
    answeredCommands: [],
    watch: undefined,
    loggedIn: undefined,
  };
}

async function checkAll(run) {
  const { criteria, settings, broker } = run;
  await criteria.check(
    `MQTT_USER may watch ${WATCHED.length} topics: commands and ACKs, with their aliases`,
    async () => {
      run.watch = await broker.watch({
        username: settings.get('MQTT_USER'),
        password: settings.get('MQTT_PASSWORD'),
      });
      return `with ${broker.how}`;
    },
  );
  await criteria.check('An admin logs in, and the cookie is enough from then on', async () => {
    const who = await logIn(run);
    run.loggedIn = true;
    return who;
  });
  const offline = await beginOfflineScreen(run);
  await checkAliveScreen(run);
  await checkLockout(run);
  await offline.finish();
  await checkLogs(run);
  await criteria.check('The clients made for this are deleted', async () => {
    found(run.loggedIn, 'session');
    return `${await run.clients.deleteAll()} clients`;
  });
}
