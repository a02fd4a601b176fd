import { type ApiAnswer, type ApiUser, eventually } from '@infoscreen/test-kit';

/** Sends a command and expects it to be accepted. @returns its id */
export async function send(
  admin: ApiUser,
  clientUuid: string,
  command: 'restart' | 'shutdown' | 'restart_app',
): Promise<string> {
  const answer = await admin.call('POST', `/api/clients/${clientUuid}/${command}`, { reason: 'a story' });
  if (answer.status !== 202)
    throw new Error(`${command} was answered with ${answer.status}: ${JSON.stringify(answer.json)}`);
  return answer.json.command.commandId;
}

export async function commandOf(admin: ApiUser, commandId: string): Promise<ApiAnswer['json']> {
  const { json } = await admin.call('GET', `/api/clients/commands/${commandId}`);
  return json.command;
}

const ENDS = ['completed', 'failed', 'expired', 'blocked_safety', 'cancelled'];

/** Polls, as an operator would, until the command has ended. */
export function untilEnded(
  admin: ApiUser,
  commandId: string,
  deadlineMs = 30_000,
): Promise<ApiAnswer['json']> {
  return eventually(
    async () => {
      const command = await commandOf(admin, commandId);
      return ENDS.includes(command.status) ? command : undefined;
    },
    { deadlineMs, what: `the command ${commandId} ends`, intervalMs: 100 },
  );
}

/** The states that the timeline passed through. */
export function path(command: ApiAnswer['json']): readonly string[] {
  return command.timeline
    .filter((step: { kind: string }) => step.kind === 'transition')
    .map((step: { to: string }) => step.to);
}
