import { findCommand } from '@infoscreen/commands';
import { inTransaction } from '@infoscreen/prisma';
import { eventually, mosquittoAvailable } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';
import { publishedCommand } from './published-command.ts';

const STEPS = ['accepted', 'execution_started', 'completed'] as const;
const TIMELINE = [
  'queued',
  'publish_in_progress',
  'published',
  'ack_received',
  'execution_started',
  'completed',
];

describe('ACKs that come together', () => {
  let fixture: ListenerFixture;

  beforeAll(async () => {
    fixture = await startListenerFixture(mosquittoAvailable() ? 'mosquitto' : 'embedded');
    await fixture.startReplica();
    await untilFlowing(fixture);
  });
  afterAll(() => fixture.stop());

  const commands = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const clientUuid = await fixture.addClient();
        return { clientUuid, commandId: await publishedCommand(fixture.pool, clientUuid) };
      }),
    );
  const acknowledge = (command: { clientUuid: string; commandId: string }, status: string) =>
    fixture.publish(command.clientUuid, 'command_ack', { command_id: command.commandId, status });
  const timelineOf = async ({ commandId }: { commandId: string }) => {
    const found = await findCommand(fixture.pool, commandId);
    return found?.timeline.map(({ toStatus }) => toStatus);
  };

  it('are each a step of their command, in their order', async () => {
    const many = await commands(20);
    await Promise.all(many.flatMap((command) => STEPS.map((status) => acknowledge(command, status))));
    for (const command of many) await eventually(async () => (await timelineOf(command))?.length === 6);
    for (const command of many) expect(await timelineOf(command)).toEqual(TIMELINE);
  });

  it('don’t wait for one whose command somebody else holds, and none overtakes it', async () => {
    const [held, ...free] = await commands(4);
    if (held === undefined) throw new Error('no command');
    await inTransaction(fixture.pool, async (client) => {
      await client.query('SELECT FROM client_commands WHERE command_id = $1 FOR UPDATE', [held.commandId]);
      for (const status of STEPS)
        await Promise.all([held, ...free].map((command) => acknowledge(command, status)));
      for (const command of free) await eventually(async () => (await timelineOf(command))?.length === 6);
      expect(await timelineOf(held)).toEqual(TIMELINE.slice(0, 3));
    });
    await eventually(async () => (await timelineOf(held))?.length === 6, { deadlineMs: 15_000 });
    expect(await timelineOf(held)).toEqual(TIMELINE);
  });
});
