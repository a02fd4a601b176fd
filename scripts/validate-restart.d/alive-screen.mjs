import { describe } from './api.mjs';
import { acceptedCommand, commandAtItsEnd, lifetimeMs, restart, way } from './commands.mjs';
import { expect, found, NotMet } from './criteria.mjs';
import { seconds, until } from './polling.mjs';

const ON_THE_WIRE_WITHIN_MS = 15_000;
/** Right after a start the screens have not spoken yet. */
const ALIVE_WITHIN_MS = 30_000;
/** So many alive clients are looked at; a fleet may have thousands. */
const CANDIDATES = 25;

/** A screen that is alive is restarted and says so. */
export async function checkAliveScreen(run) {
  const { criteria, api, settings, options } = run;
  let screen;
  let command;

  await criteria.check('An alive client is found in GET /api/clients/with_alive_status', async () => {
    found(run.loggedIn, 'session');
    screen = options.client ?? (await chooseScreen(api, settings));
    return screen;
  });
  await criteria.check('Its restart with a reason answers 202 with command.commandId', async () => {
    command = acceptedCommand(await restart(api, found(screen, 'alive client'), run.reason));
    expect(command.action === 'reboot_host', `its action is ${command.action}`);
    run.answeredCommands.push({ commandId: command.commandId, of: 'the alive client' });
    return `${command.commandId} is ${command.status}`;
  });
  await criteria.check(
    'The command is on the wire, schema_version 1.0, reboot_host, the same command_id',
    async () => {
      const { commandId } = found(command, 'command');
      const suffixes = settings.isOn('MQTT_LEGACY_TOPICS') ? ['commands', 'command'] : ['commands'];
      const texts = [];
      for (const suffix of suffixes)
        texts.push(await payloadOnWire(run, `infoscreen/${screen}/${suffix}`, commandId));
      expect(new Set(texts).size === 1, `the bytes on ${suffixes.join(' and ')} differ`);
      return `on ${suffixes.join(' and ')}`;
    },
  );
  await criteria.check('The screen restarts and the command ends as completed', async () => {
    const { commandId } = found(command, 'command');
    const resultTimeoutMs = settings.number('COMMAND_RESULT_TIMEOUT_SECONDS', 300) * 1000;
    const begun = Date.now();
    const ended = await commandAtItsEnd(api, commandId, {
      withinMs: lifetimeMs(command) + resultTimeoutMs + 15_000,
      everyMs: 1000,
    });
    expect(
      ended.status === 'completed',
      `it ended as ${ended.status}, ${ended.errorCode}: ${ended.errorMessage} (${way(ended)})`,
    );
    const proof = ended.effectObserved ? '; its new boot_id proves it' : '';
    return `after ${seconds(Date.now() - begun)}: ${way(ended)}${proof}`;
  });
  await criteria.check('Its acknowledgements are on the wire, up to completed', async () => {
    const { commandId } = found(command, 'command');
    const statuses = () =>
      run.watch.messages
        .filter(
          ({ topic, payload }) =>
            topic.startsWith(`infoscreen/${screen}/`) &&
            topic.endsWith('/ack') &&
            payload?.command_id === commandId,
        )
        .map(({ payload }) => payload.status);
    found(run.watch, 'watch on the broker');
    const all = await until(() => (statuses().includes('completed') ? statuses() : undefined), {
      withinMs: 5000,
    });
    if (all === undefined) throw new NotMet(`only ${statuses().join(', ') || 'none'} was seen`);
    return all.join(', ');
  });
}

/** The alive client that was restarted least: each may be restarted only so often within the lockout's window. */
async function chooseScreen(api, settings) {
  const alive = await until(() => aliveClients(api), { withinMs: ALIVE_WITHIN_MS, everyMs: 1000 });
  expect(alive, `no client is alive, also not after ${ALIVE_WITHIN_MS / 1000} s`);
  const windowMs = settings.number('LOCKOUT_WINDOW_SECONDS', 900) * 1000;
  const candidates = [];
  for (const { uuid } of alive.slice(0, CANDIDATES)) {
    const client = (await api.get(`/api/clients/${uuid}`)).body;
    const history =
      (await api.get(`/api/clients/${uuid}/commands?action=reboot_host&limit=20`)).body?.items ?? [];
    const recent = history.filter(
      ({ status, createdAt }) => status !== 'blocked_safety' && Date.now() - Date.parse(createdAt) < windowMs,
    );
    if (client?.presence_online !== false) candidates.push({ uuid, restarts: recent.length });
  }
  candidates.sort((one, other) => one.restarts - other.restarts);
  const [best] = candidates;
  expect(best !== undefined, 'every client that was alive lately has said goodbye');
  expect(
    best.restarts < settings.number('LOCKOUT_MAX_COMMANDS', 3),
    `every alive client has used its restarts of the last ${windowMs / 60_000} minutes; wait, or name one with --client`,
  );
  return best.uuid;
}

async function aliveClients(api) {
  const answer = await api.get('/api/clients/with_alive_status');
  expect(answer.status === 200 && Array.isArray(answer.body), `it answered ${describe(answer)}`);
  const alive = answer.body.filter((client) => client.is_alive && client.process_status !== 'crashed');
  return alive.length > 0 ? alive : undefined;
}

async function payloadOnWire(run, topic, commandId) {
  const { messages } = found(run.watch, 'watch on the broker');
  const message = await until(
    () => messages.find((one) => one.topic === topic && one.payload?.command_id === commandId),
    { withinMs: ON_THE_WIRE_WITHIN_MS },
  );
  expect(message, `nothing with this command_id came on ${topic}`);
  const { schema_version, action, client_uuid, reason } = message.payload;
  expect(schema_version === '1.0', `schema_version is ${JSON.stringify(schema_version)}`);
  expect(action === 'reboot_host', `action is ${JSON.stringify(action)}`);
  expect(topic.includes(client_uuid), `client_uuid is ${JSON.stringify(client_uuid)}`);
  expect(reason === run.reason, `reason is ${JSON.stringify(reason)}`);
  return message.text;
}
