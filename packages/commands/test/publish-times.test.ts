import { describe, expect, it } from '@jest/globals';
import { claimCommand } from '../src/outbox/claim.ts';
import { publishDelaySeconds } from '../src/outbox/publish-delay.ts';
import { isSendable } from '../src/outbox/send-window.ts';
import { commandIn, useDatabase } from './fleet-fixture.ts';

describe('the delay before a command is sent again', () => {
  it('doubles up to a minute, with jitter over its upper half', () => {
    expect([1, 2, 3, 4, 5, 9].map((attempt) => publishDelaySeconds(attempt, 0))).toEqual([
      2.5, 5, 10, 20, 30, 30,
    ]);
    expect([1, 2, 3, 4, 5, 9].map((attempt) => publishDelaySeconds(attempt, 1))).toEqual([
      5, 10, 20, 40, 60, 60,
    ]);
  });
});

describe('a claim', () => {
  const database = useDatabase();

  it('is of no use any more once its command has expired or half its lease is over, by the process’s own clock', async () => {
    const { commandId } = await commandIn(database.pool, 'queued');
    const command = await claimCommand(database.pool, commandId, 'server-1');
    if (command === undefined) throw new Error('not claimed');
    expect(isSendable(command, 0, 7000)).toBe(true);
    expect(isSendable(command, 0, 7600)).toBe(false);
    const claimedAt = (command.nextPublishAt?.getTime() ?? 0) - 15_000;
    const short = { ...command, expiresAt: new Date(claimedAt + 3000) };
    expect(isSendable(short, 0, 2900)).toBe(true);
    expect(isSendable(short, 0, 3100)).toBe(false);
  });
});
