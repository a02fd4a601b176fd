import { acknowledgeCommand } from '@infoscreen/commands';
import { inTransaction } from '@infoscreen/prisma';
import type { AckStatus } from '@infoscreen/shared-types';
import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { moveCommand } from '../src/transition/move-command.ts';
import { commandIn, settings, statusOf, transitionsOf, useDatabase } from './fleet-fixture.ts';

const database = useDatabase();

const report = (command: { commandId: string; clientUuid: string }, status: AckStatus) =>
  ({ ...command, status, errorCode: null, errorMessage: null, deviceTime: null, via: 'ack' }) as const;

const somebodyWaits = () =>
  eventually(async () => {
    const { rows } = await database.pool.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  });

describe('a report that waits for another transition of its command to commit', () => {
  it('moves the command on from there: the broker’s acknowledgement against a completion', async () => {
    const command = await commandIn(database.pool, 'publish_in_progress');
    const { waiting } = await inTransaction(database.pool, async (client) => {
      await moveCommand(client, {
        event: 'broker_ack',
        commandId: command.commandId,
        source: 'publisher',
        actor: 'server-1',
        set: 'lease_until = NULL',
      });
      const completing = acknowledgeCommand(database.pool, report(command, 'completed'), settings);
      await somebodyWaits();
      return { waiting: completing };
    });
    expect((await waiting).outcome).toBe('moved');
    expect(await transitionsOf(database.pool, command.commandId)).toEqual([
      'publish_in_progress → published',
      'published → completed',
    ]);
  });

  it('moves the command on from there: a start against a failure', async () => {
    const command = await commandIn(database.pool, 'ack_received');
    const { waiting } = await inTransaction(database.pool, async (client) => {
      await acknowledgeCommand(client, report(command, 'execution_started'), settings);
      const failing = acknowledgeCommand(database.pool, report(command, 'failed'), settings);
      await somebodyWaits();
      return { waiting: failing };
    });
    expect((await waiting).outcome).toBe('moved');
    expect(await statusOf(database.pool, command.commandId)).toBe('failed');
  });
});
