import { type Acknowledgement, acknowledgeCommand, findCommand } from '@infoscreen/commands';
import { describe, expect, it } from '@jest/globals';
import { commandIn, createClient, settings, statusOf, useDatabase } from './fleet-fixture.ts';

const database = useDatabase();

const acknowledge = (
  acknowledgement: Partial<Acknowledgement> & Pick<Acknowledgement, 'clientUuid' | 'commandId' | 'status'>,
) =>
  acknowledgeCommand(
    database.pool,
    { errorCode: null, errorMessage: null, deviceTime: null, via: 'ack', ...acknowledgement },
    settings,
  );

describe('an acknowledgement', () => {
  it('is written into the timeline with the device’s time and the server’s', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'published');
    const deviceTime = new Date('2031-05-05T10:00:00.000Z');
    await acknowledge({ commandId, clientUuid, status: 'accepted', deviceTime });
    const found = await findCommand(database.pool, commandId);
    expect(found?.timeline.at(-1)).toMatchObject({
      kind: 'transition',
      fromStatus: 'published',
      toStatus: 'ack_received',
      source: 'device',
      actor: clientUuid,
      deviceTime,
    });
    expect(Math.abs(Date.now() - (found?.timeline.at(-1)?.serverTime.getTime() ?? 0))).toBeLessThan(60_000);
  });

  it('counts only for a command of the client whose topic it came on', async () => {
    const { commandId } = await commandIn(database.pool, 'published');
    const stranger = await createClient(database.pool);
    expect(await acknowledge({ commandId, clientUuid: stranger, status: 'completed' })).toEqual({
      outcome: 'unknown_command',
    });
    expect(await statusOf(database.pool, commandId)).toBe('published');
  });

  it('of a command that was never sent changes nothing', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'queued');
    expect((await acknowledge({ commandId, clientUuid, status: 'completed' })).outcome).toBe('too_early');
    expect(await statusOf(database.pool, commandId)).toBe('queued');
  });

  it('that skips steps proves them: completed sets the times of all steps before it', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'publish_in_progress');
    const result = await acknowledge({ commandId, clientUuid, status: 'completed' });
    expect(result).toMatchObject({
      outcome: 'moved',
      from: 'publish_in_progress',
      command: {
        status: 'completed',
        publishedAt: expect.any(Date),
        ackReceivedAt: expect.any(Date),
        executionStartedAt: expect.any(Date),
        finishedAt: expect.any(Date),
      },
    });
  });

  it('starts the time for the result when the execution starts', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'ack_received');
    const result = await acknowledge({ commandId, clientUuid, status: 'execution_started' });
    if (
      result.outcome !== 'moved' ||
      result.command.resultDueAt === null ||
      result.command.executionStartedAt === null
    ) {
      throw new Error(result.outcome);
    }
    const seconds =
      (result.command.resultDueAt.getTime() - result.command.executionStartedAt.getTime()) / 1000;
    expect(seconds).toBeCloseTo(settings.resultTimeoutSeconds, 1);
  });

  it.each([
    [240, 'clock_skew'],
    [-1, 'expired_on_arrival'],
  ])(
    'that calls a command expired which lives for another %s s ends with %s',
    async (secondsLeft, errorCode) => {
      const { commandId, clientUuid } = await commandIn(database.pool, 'published');
      await database.pool.query(
        'UPDATE client_commands SET expires_at = now() + make_interval(secs => $2) WHERE command_id = $1',
        [commandId, secondsLeft],
      );
      const result = await acknowledge({
        commandId,
        clientUuid,
        status: 'failed',
        errorCode: 'expired_on_arrival',
      });
      expect(result).toMatchObject({ command: { status: 'failed', errorCode } });
    },
  );
});

describe('a late result', () => {
  it('of an expired command is kept beside its end, which stays', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'expired');
    const result = await acknowledge({ commandId, clientUuid, status: 'completed' });
    expect(result).toMatchObject({
      outcome: 'late',
      command: { status: 'expired', lateOutcome: 'completed' },
    });
    const found = await findCommand(database.pool, commandId);
    expect(found?.command).toMatchObject({
      status: 'expired',
      lateOutcome: 'completed',
      lateOutcomeAt: expect.any(Date),
    });
    expect(found?.timeline.at(-1)).toMatchObject({
      kind: 'late_result',
      fromStatus: 'expired',
      toStatus: 'expired',
    });
  });

  it('is kept once, however often it is repeated or contradicted', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'expired');
    await acknowledge({ commandId, clientUuid, status: 'completed' });
    const before = await findCommand(database.pool, commandId);
    for (const status of ['completed', 'failed', 'accepted', 'execution_started', 'completed'] as const) {
      expect((await acknowledge({ commandId, clientUuid, status })).outcome).toBe('duplicate');
    }
    expect(await findCommand(database.pool, commandId)).toEqual(before);
  });

  it('can’t come from a command that was never sent, such as one that the lockout blocked', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'blocked_safety');
    await database.pool.query('UPDATE client_commands SET publish_attempt = 0 WHERE command_id = $1', [
      commandId,
    ]);
    expect((await acknowledge({ commandId, clientUuid, status: 'completed' })).outcome).toBe('duplicate');
    expect((await findCommand(database.pool, commandId))?.command.lateOutcome).toBeNull();
  });
});
