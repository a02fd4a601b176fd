import { acceptedCommand, commandAtItsEnd, lifetimeMs, readCommand, restart, way } from './commands.mjs';
import { expect, found } from './criteria.mjs';
import { seconds, until } from './polling.mjs';

const SWEPT_WITHIN_MS = 60_000;
const SAY_EVERY_MS = 30_000;

/**
 * Restarts a client that no screen stands behind. Its command lives long, so this is begun first and looked at last.
 * @returns `finish()`, which checks how it ended
 */
export async function beginOfflineScreen(run) {
  const { criteria, api, clients, note } = run;
  let client;
  let command;
  let issuedAt;

  await criteria.check('A restart of an offline client is taken: 202 with command.commandId', async () => {
    found(run.loggedIn, 'session');
    client = await clients.make('offline');
    command = acceptedCommand(await restart(api, client.uuid, run.reason));
    issuedAt = Date.now();
    note(`it lives ${seconds(lifetimeMs(command))}; the other checks go on meanwhile`);
    return `${command.commandId} is ${command.status}`;
  });

  const seen = [];
  const ending = command && watchToTheEnd(api, command, seen);
  // Looked at in `finish`; until then a failure must not end the process.
  ending?.catch(() => {});

  const finish = async () => {
    await criteria.check('It never becomes completed, and ends with a usable diagnosis', async () => {
      const { commandId } = found(command, 'command');
      const said = setInterval(() => {
        note(
          `waiting for the offline client's command: ${seen.at(-1)}, ${seconds(leftMs(command, issuedAt))} left`,
        );
      }, SAY_EVERY_MS);
      const ended = await ending.finally(() => clearInterval(said));
      expect(!seen.includes('completed'), 'it became completed');
      expect(ended.status === 'expired', `it ended as ${ended.status} (${way(ended)})`);
      expect(
        ended.errorCode && ended.errorMessage,
        `${commandId} expired without errorCode and errorMessage`,
      );
      return `expired after ${seconds(Date.now() - issuedAt)}, ${ended.errorCode}: ${ended.errorMessage}`;
    });
    await criteria.check(
      'A result that comes too late is kept beside its end, and does not change it',
      async () => {
        const { commandId } = found(command, 'command');
        await clients.untilApplied(client);
        await run.broker.publishAs(client, `infoscreen/${client.uuid}/commands/ack`, {
          command_id: commandId,
          status: 'completed',
          timestamp: new Date().toISOString(),
        });
        run.answeredCommands.push({ commandId, of: 'the offline client' });
        const late = await until(
          async () => {
            const now = await readCommand(api, commandId);
            return now.lateOutcome === null ? undefined : now;
          },
          { withinMs: 15_000, everyMs: 500 },
        );
        expect(late, 'the late result was not stored');
        expect(late.status === 'expired', `it turned into ${late.status}`);
        return `${late.status}, lateOutcome ${late.lateOutcome}`;
      },
    );
  };
  return { finish };
}

function watchToTheEnd(api, command, seen) {
  return commandAtItsEnd(api, command.commandId, {
    withinMs: lifetimeMs(command) + SWEPT_WITHIN_MS,
    everyMs: 3000,
    onLook: ({ status }) => seen.push(status),
  });
}

function leftMs(command, issuedAt) {
  return Math.max(issuedAt + lifetimeMs(command) - Date.now(), 0);
}
