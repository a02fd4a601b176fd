import { expect, found } from './criteria.mjs';
import { authorisationErrors } from './logs.mjs';
import { until } from './polling.mjs';

const WRITTEN_WITHIN_MS = 15_000;

/** What the services wrote while all this went on. */
export async function checkLogs({ criteria, logs, answeredCommands, loggedIn }) {
  await criteria.check('A listener logged each command with its command_id', async () => {
    found(answeredCommands[0], 'command that a screen answered');
    let missing = answeredCommands;
    await until(
      async () => {
        const lines = await logs.listener();
        missing = answeredCommands.filter(({ commandId }) => !lines.some((line) => line.includes(commandId)));
        return missing.length === 0 ? true : undefined;
      },
      { withinMs: WRITTEN_WITHIN_MS, everyMs: 1000 },
    );
    const names = missing.map(({ commandId, of }) => `${commandId} (${of})`).join(', ');
    expect(missing.length === 0, `no line in ${logs.where} for ${names}`);
    return `${answeredCommands.length} commands in ${logs.where}`;
  });
  await criteria.check('No log has an authorisation error', async () => {
    found(loggedIn, 'session');
    const lines = await logs.all();
    const errors = authorisationErrors(lines);
    expect(errors.length === 0, `${errors.length} lines, the first: ${errors[0]?.slice(0, 300)}`);
    return `${lines.length} lines since the start of this run`;
  });
}
