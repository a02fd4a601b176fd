import { describe } from './api.mjs';
import { acceptedCommand, commandAtItsEnd, readCommand, restart } from './commands.mjs';
import { expect, found } from './criteria.mjs';
import { until } from './polling.mjs';

const SENT_WITHIN_MS = 15_000;

/** What the client made for it answers to each command that it is sent. */
const ANSWER = {
  status: 'failed',
  error_code: 'validation_only',
  error_message: 'No screen stands behind this client.',
};

/** A client is restarted once more than the lockout allows; the one over is blocked and never sent. */
export async function checkLockout(run) {
  const { criteria, api, settings, clients } = run;
  const allowed = settings.number('LOCKOUT_MAX_COMMANDS', 3);
  let client;
  let admitted;
  let blocked;

  await criteria.check(
    `Of ${allowed + 1} quick restarts of one client exactly one is blocked: 429, blocked_safety, Retry-After`,
    async () => {
      found(run.loggedIn, 'session');
      client = await clients.make('lockout');
      const answers = await Promise.all(
        Array.from({ length: allowed + 1 }, () => restart(api, client.uuid, run.reason)),
      );
      const refusals = answers.filter(({ status }) => status === 429);
      expect(refusals.length === 1, `the answers were ${answers.map(({ status }) => status).join(', ')}`);
      admitted = answers.filter(({ status }) => status !== 429).map(acceptedCommand);
      const [refusal] = refusals;
      blocked = refusal.body?.command;
      expect(
        blocked?.status === 'blocked_safety',
        `the 429 has no command that is blocked_safety: ${describe(refusal)}`,
      );
      const retryAfter = refusal.header('retry-after');
      expect(/^[1-9]\d*$/.test(retryAfter ?? ''), `Retry-After is ${retryAfter ?? 'missing'}`);
      return `${allowed} × 202; ${refusal.body.code}, Retry-After ${retryAfter} s`;
    },
  );
  await criteria.check(
    'The screen can answer them on both ACK topics, and the blocked one was never sent',
    async () => {
      found(blocked, 'blocked command');
      await clients.untilApplied(client);
      for (const [index, { commandId }] of admitted.entries()) {
        await untilSent(api, commandId);
        const suffix = index % 2 === 0 ? 'commands/ack' : 'command/ack';
        const ack = { command_id: commandId, ...ANSWER, timestamp: new Date().toISOString() };
        await run.broker.publishAs(client, `infoscreen/${client.uuid}/${suffix}`, ack);
        const ended = await commandAtItsEnd(api, commandId, { withinMs: 15_000, everyMs: 250 });
        expect(
          ended.errorCode === ANSWER.error_code,
          `after an ACK on ${suffix} it is ${ended.status}, ${ended.errorCode}`,
        );
        run.answeredCommands.push({ commandId, of: 'the client of the lockout' });
      }
      const { messages } = found(run.watch, 'watch on the broker');
      const sent = new Set(
        messages.filter(({ topic }) => /\/commands?$/.test(topic)).map(({ payload }) => payload?.command_id),
      );
      expect(!sent.has(blocked.commandId), 'the blocked one is on the wire');
      expect(
        admitted.every(({ commandId }) => sent.has(commandId)),
        'not every admitted one is on the wire',
      );
      return `${admitted.length} sent and ended as failed, ${ANSWER.error_code}`;
    },
  );
}

/** A screen can't answer what it wasn't sent: an answer to a queued command counts for nothing. */
async function untilSent(api, commandId) {
  const isSent = async () => ((await readCommand(api, commandId)).status === 'queued' ? undefined : true);
  expect(await until(isSent, { withinMs: SENT_WITHIN_MS }), `${commandId} was not sent within 15 s`);
}
