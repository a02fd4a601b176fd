import { randomUUID } from 'node:crypto';
import { inTransaction } from '@infoscreen/prisma';
import { type AckStatus, commandAckPayloadSchema } from '@infoscreen/shared-types';
import { mosquittoAvailable } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { storeInBatch } from '../src/commands/acknowledgement-batches.ts';
import { type ListenerFixture, startListenerFixture } from './listener-fixture.ts';
import { lifecycle, publishedCommand } from './published-command.ts';

describe('ACKs of one client in one batch', () => {
  let fixture: ListenerFixture;
  beforeAll(async () => {
    fixture = await startListenerFixture(mosquittoAvailable() ? 'mosquitto' : 'embedded');
  });
  afterAll(() => fixture.stop());

  const singly: string[] = [];
  const store = (clientUuid: string, command_id: string, status: AckStatus, boot_id?: string) =>
    storeInBatch(
      { pool: fixture.pool, lifecycle },
      {
        clientUuid,
        payload: commandAckPayloadSchema.parse({ command_id, status, boot_id }),
        ageSeconds: 0,
        isRepeat: false,
      },
      async () => {
        singly.push(`${command_id} ${status}`);
        return 'singly';
      },
    );
  const reported = (commandId: string) =>
    fixture.rows<{ to_status: string; commit: string }>(
      `SELECT to_status, xmin::text AS commit FROM client_command_events
       WHERE command_id = $1 AND source = 'device' ORDER BY id`,
      commandId,
    );

  it('are stored in one transaction, in their order, as soon as nobody else holds their command', async () => {
    const clientUuid = await fixture.addClient();
    const commandId = await publishedCommand(fixture.pool, clientUuid);
    const steps = ['accepted', 'execution_started', 'completed'] as const;
    const held = await inTransaction(fixture.pool, async (client) => {
      await client.query('SELECT FROM client_commands WHERE command_id = $1 FOR UPDATE', [commandId]);
      const storing = Promise.all(steps.map((status) => store(clientUuid, commandId, status)));
      // One of another client is stored meanwhile, and so the batch is over.
      const other = await fixture.addClient();
      const free = await publishedCommand(fixture.pool, other);
      expect(await store(other, free, 'completed')).toBe('moved');
      expect(await reported(commandId)).toEqual([]);
      return { storing };
    });
    expect(await held.storing).toEqual(['moved', 'moved', 'moved']);
    const rows = await reported(commandId);
    expect(rows.map(({ to_status }) => to_status)).toEqual([
      'ack_received',
      'execution_started',
      'completed',
    ]);
    expect(new Set(rows.map(({ commit }) => commit)).size).toBe(1);
  });

  it('none overtakes one before it that is on another command, or that moved nothing', async () => {
    const clientUuid = await fixture.addClient();
    const [first, second] = [
      await publishedCommand(fixture.pool, clientUuid),
      await publishedCommand(fixture.pool, clientUuid),
    ];
    const unknown = '01900000-0000-7000-8000-000000000000';
    const outcomes = await Promise.all([
      store(clientUuid, first, 'accepted'),
      store(clientUuid, unknown, 'accepted'),
      store(clientUuid, second, 'accepted'),
      store(clientUuid, first, 'completed'),
    ]);
    expect(outcomes).toEqual(['moved', 'singly', 'singly', 'singly']);
    expect(singly).toEqual([`${unknown} accepted`, `${second} accepted`, `${first} completed`]);
    expect((await reported(second)).length).toBe(0);
  });

  it('one is left out where the one before it was: from a boot that isn’t known, it changed nothing', async () => {
    const clientUuid = await fixture.addClient();
    const commandId = await publishedCommand(fixture.pool, clientUuid);
    const outcomes = await Promise.all([
      store(clientUuid, commandId, 'accepted', 'another boot'),
      store(clientUuid, commandId, 'completed'),
    ]);
    expect(outcomes).toEqual(['singly', 'singly']);
    expect(await reported(commandId)).toEqual([]);
  });

  it('a result that contradicts the one before it is left out', async () => {
    const clientUuid = await fixture.addClient();
    const commandId = await publishedCommand(fixture.pool, clientUuid);
    const outcomes = await Promise.all([
      store(clientUuid, commandId, 'failed'),
      store(clientUuid, commandId, 'completed'),
    ]);
    expect(outcomes).toEqual(['moved', 'singly']);
    expect((await reported(commandId)).map(({ to_status }) => to_status)).toEqual(['failed']);
  });

  it('moves a command for its own client alone, whoever names it at the same moment', async () => {
    const [owner, other] = [await fixture.addClient(), await fixture.addClient()];
    const commandId = await publishedCommand(fixture.pool, owner);
    const outcomes = [randomUUID(), owner, other].map((uuid) => store(uuid, commandId, 'completed'));
    expect(await Promise.all(outcomes)).toEqual(['unknown_client', 'moved', 'singly']);
  });
});
