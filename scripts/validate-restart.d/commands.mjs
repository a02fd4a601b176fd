import { describe } from './api.mjs';
import { expect, NotMet } from './criteria.mjs';
import { until } from './polling.mjs';

const ENDS = ['completed', 'failed', 'expired', 'blocked_safety', 'cancelled'];

export function restart(api, uuid, reason) {
  return api.post(`/api/clients/${uuid}/restart`, { reason });
}

/** The command of a 202. @throws NotMet at any other answer */
export function acceptedCommand(answer) {
  expect(answer.status === 202, `answered ${describe(answer)} instead of 202`);
  const command = answer.body?.command;
  expect(command?.commandId, `the 202 has no command.commandId: ${answer.text.slice(0, 200)}`);
  return command;
}

export async function readCommand(api, commandId) {
  const answer = await api.get(`/api/clients/commands/${commandId}`);
  expect(answer.status === 200, `GET /api/clients/commands/${commandId} answered ${describe(answer)}`);
  return answer.body.command;
}

/**
 * Polls a command until it has ended.
 * @param onLook is told each state that was seen
 * @throws NotMet when it hasn't ended in time
 */
export async function commandAtItsEnd(api, commandId, { withinMs, everyMs, onLook = () => {} }) {
  let last;
  const ended = await until(
    async () => {
      last = await readCommand(api, commandId);
      onLook(last);
      return ENDS.includes(last.status) ? last : undefined;
    },
    { withinMs, everyMs },
  );
  if (ended === undefined) {
    throw new NotMet(`${commandId} is still ${last.status} after ${Math.round(withinMs / 1000)} s`);
  }
  return ended;
}

/** How long a command lives, by the server's clock. */
export function lifetimeMs({ createdAt, expiresAt }) {
  return Date.parse(expiresAt) - Date.parse(createdAt);
}

/** The states that a command went through, in words. */
export function way({ timeline }) {
  return timeline
    .filter(({ kind }) => kind === 'transition')
    .map(({ to }) => to)
    .join(' → ');
}
