import {
  acknowledgeCommand,
  cancelCommand,
  publishCommand,
  publishDueCommands,
  sweepExpiredCommands,
} from '@infoscreen/commands';
import type { AckStatus, CommandStatus } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import {
  commandIn,
  letTimeRunOut,
  outbox,
  RecordingBroker,
  settings,
  statusOf,
  transitionsOf,
  useDatabase,
} from './fleet-fixture.ts';

const database = useDatabase(2);
const ROUNDS = Array.from({ length: 25 }, (_, round) => round);

const replica = (index: number) => {
  const pool = database.pools[index];
  if (pool === undefined) throw new Error(`there is no replica ${index}`);
  return pool;
};

const acknowledge = (index: number, command: { commandId: string; clientUuid: string }, status: AckStatus) =>
  acknowledgeCommand(
    replica(index),
    { ...command, status, errorCode: null, errorMessage: null, deviceTime: null, via: 'ack' },
    settings,
  );

/** The end, and how often the timeline says that it was reached. */
async function endOf(commandId: string): Promise<{ readonly status: CommandStatus; readonly ends: number }> {
  const status = await statusOf(replica(0), commandId);
  const steps = await transitionsOf(replica(0), commandId);
  return { status, ends: steps.filter((step) => step.endsWith(`→ ${status}`)).length };
}

describe('of two that want to move one command, exactly one wins:', () => {
  it.each(ROUNDS)('an ACK against the expiry sweep (round %s)', async () => {
    const command = await commandIn(replica(0), 'ack_received');
    await letTimeRunOut(replica(0), command.commandId);
    const [acknowledged, swept] = await Promise.all([
      acknowledge(0, command, 'completed'),
      sweepExpiredCommands({ pool: replica(1), instance: 'scheduler-1' }),
    ]);
    // A sweep that finds the row held skips it; the next one looks again.
    const again = await sweepExpiredCommands({ pool: replica(1), instance: 'scheduler-1' });
    const { status, ends } = await endOf(command.commandId);
    expect(ends).toBe(1);
    expect([acknowledged.outcome, swept.expired + again.expired, status]).toEqual(
      status === 'completed' ? ['moved', 0, 'completed'] : ['late', 1, 'expired'],
    );
  });

  it.each(ROUNDS)('two contradicting ACKs (round %s)', async () => {
    const command = await commandIn(replica(0), 'execution_started');
    const results = await Promise.all([
      acknowledge(0, command, 'completed'),
      acknowledge(1, command, 'failed'),
    ]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['late', 'moved']);
    expect((await endOf(command.commandId)).ends).toBe(1);
  });

  it.each(ROUNDS)('the same ACK twice (round %s)', async () => {
    const command = await commandIn(replica(0), 'published');
    const results = await Promise.all([
      acknowledge(0, command, 'accepted'),
      acknowledge(1, command, 'accepted'),
    ]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['duplicate', 'moved']);
    expect(await transitionsOf(replica(0), command.commandId)).toEqual(['published → ack_received']);
  });

  it.each(ROUNDS)('two publishers (round %s)', async () => {
    const { commandId } = await commandIn(replica(0), 'queued');
    const broker = new RecordingBroker();
    const outcomes = await Promise.all(
      [0, 1].map((index) => publishCommand(outbox(replica(index), broker, `server-${index}`), commandId)),
    );
    expect(outcomes.sort()).toEqual(['not_claimed', 'published']);
    expect(broker.sent.map(({ topic }) => topic.split('/').at(-1))).toEqual(['commands', 'command']);
  });

  it.each(ROUNDS)('a cancellation against a publisher (round %s)', async () => {
    const { commandId } = await commandIn(replica(0), 'queued');
    const broker = new RecordingBroker();
    const [published, cancelled] = await Promise.all([
      publishCommand(outbox(replica(0), broker), commandId),
      cancelCommand(replica(1), { commandId, cancelledBy: 'anna' }),
    ]);
    expect([
      ['published', 'not_cancellable', 2],
      ['not_claimed', 'cancelled', 0],
    ]).toContainEqual([published, cancelled.outcome, broker.sent.length]);
  });

  it.each(ROUNDS)(
    'two schedulers that take over a lapsed claim and repeat a published command (round %s)',
    async () => {
      await replica(0).query(`UPDATE client_commands SET next_publish_at = NULL`);
      const lapsed = await commandIn(replica(0), 'publish_in_progress');
      const unanswered = await commandIn(replica(0), 'published');
      await replica(0).query(
        `UPDATE client_commands SET next_publish_at = now() - interval '1 second' WHERE command_id = ANY($1)`,
        [[lapsed.commandId, unanswered.commandId]],
      );
      const broker = new RecordingBroker();
      const passes = await Promise.all(
        [0, 1].map((index) =>
          publishDueCommands(outbox(replica(index), broker, `scheduler-${index}`), { limit: 10 }),
        ),
      );
      expect(passes.reduce((sum, pass) => sum + pass.published, 0)).toBe(1);
      expect(passes.reduce((sum, pass) => sum + pass.repeated, 0)).toBe(1);
      expect(broker.sent).toHaveLength(4);
    },
  );
});
