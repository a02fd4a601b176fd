import {
  acknowledgeCommand,
  findCommand,
  publishCommand,
  publishDueCommands,
  type StoredCommand,
} from '@infoscreen/commands';
import { commandMessageSchema } from '@infoscreen/shared-types';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { claimCommand } from '../src/outbox/claim.ts';
import {
  commandIn,
  createClient,
  letTimeRunOut,
  outbox,
  RecordingBroker,
  request,
  settings,
  statusOf,
  useDatabase,
} from './fleet-fixture.ts';

const database = useDatabase();

async function issue(clientUuid: string): Promise<StoredCommand> {
  const issued = await request(database.pool, clientUuid, 'shutdown_host');
  if (!('command' in issued)) throw new Error(issued.outcome);
  return issued.command;
}

const accepted = ({ clientUuid, commandId }: StoredCommand) => ({
  clientUuid,
  commandId,
  status: 'accepted' as const,
  errorCode: null,
  errorMessage: null,
  deviceTime: null,
  via: 'ack' as const,
});

const makeDue = (commandId: string) =>
  database.pool.query(
    `UPDATE client_commands SET next_publish_at = now() - interval '1 second',
       lease_until = CASE WHEN lease_until IS NOT NULL THEN now() - interval '1 second' END WHERE command_id = $1`,
    [commandId],
  );

/** Each test's outbox holds only its own commands. */
beforeEach(async () => {
  await database.pool.query('UPDATE client_commands SET next_publish_at = NULL');
});

describe('a publish', () => {
  it('sends the contract’s payload on both topics and marks the command published', async () => {
    const command = await commandIn(database.pool, 'queued');
    const broker = new RecordingBroker();
    expect(await publishCommand(outbox(database.pool, broker), command.commandId)).toBe('published');
    expect(broker.sent.map(({ topic, qos }) => ({ topic, qos }))).toEqual([
      { topic: `infoscreen/${command.clientUuid}/commands`, qos: 1 },
      { topic: `infoscreen/${command.clientUuid}/command`, qos: 1 },
    ]);
    const messages = broker.sent.map(({ payload }) => commandMessageSchema.parse(JSON.parse(payload)));
    expect(messages[0]).toEqual(messages[1]);
    expect(messages[0]).toEqual({
      schema_version: '1.0',
      command_id: command.commandId,
      client_uuid: command.clientUuid,
      action: 'reboot_host',
      issued_at: command.createdAt.toISOString(),
      expires_at: command.expiresAt.toISOString(),
      requested_by: 'anna',
      reason: 'a test',
      boot_id: 'boot-1',
    });
    expect(await findCommand(database.pool, command.commandId)).toMatchObject({
      command: { status: 'published', publishCount: 1, publishedAt: expect.any(Date) },
    });
  });

  it('leaves a command queued while the broker is away', async () => {
    const { commandId } = await commandIn(database.pool, 'queued');
    const broker = new RecordingBroker();
    broker.connected = false;
    expect(await publishCommand(outbox(database.pool, broker), commandId)).toBe('not_connected');
    await makeDue(commandId);
    expect(await publishDueCommands(outbox(database.pool, broker), { limit: 10 })).toEqual({
      published: 0,
      unconfirmed: 0,
      repeated: 0,
    });
    expect(await statusOf(database.pool, commandId)).toBe('queued');
  });

  it('that the broker didn’t confirm keeps its claim, and the next attempt sends the same bytes', async () => {
    const { commandId } = await commandIn(database.pool, 'queued');
    const broker = new RecordingBroker();
    broker.onPublish = async () => {
      throw new Error('connection lost');
    };
    expect(await publishCommand(outbox(database.pool, broker), commandId)).toBe('unknown');
    expect(await statusOf(database.pool, commandId)).toBe('publish_in_progress');
    expect(await publishCommand(outbox(database.pool, broker), commandId)).toBe('not_claimed');

    await makeDue(commandId);
    broker.onPublish = async () => {};
    expect(await publishDueCommands(outbox(database.pool, broker), { limit: 10 })).toMatchObject({
      published: 1,
    });
    expect(await statusOf(database.pool, commandId)).toBe('published');
    expect(new Set(broker.sent.map(({ payload }) => payload)).size).toBe(1);
  });

  it('counts also when the device is faster than the broker’s acknowledgement', async () => {
    const command = await commandIn(database.pool, 'queued');
    const broker = new RecordingBroker();
    broker.onPublish = async ({ topic }) => {
      if (topic.endsWith('/commands')) await acknowledgeCommand(database.pool, accepted(command), settings);
    };
    await publishCommand(outbox(database.pool, broker), command.commandId);
    expect(await findCommand(database.pool, command.commandId)).toMatchObject({
      command: { status: 'ack_received', publishCount: 1, publishedAt: expect.any(Date) },
    });
  });

  it('by one whose lease has lapsed doesn’t count once another has taken over', async () => {
    const { commandId } = await commandIn(database.pool, 'queued');
    const slow = new RecordingBroker();
    slow.onPublish = async () => {
      slow.onPublish = async () => {};
      await makeDue(commandId);
      await claimCommand(database.pool, commandId, 'server-2');
    };
    await publishCommand(outbox(database.pool, slow, 'server-1'), commandId);
    expect(await findCommand(database.pool, commandId)).toMatchObject({
      command: { status: 'publish_in_progress', publishAttempt: 2, publishCount: 0 },
    });
  });

  it('never happens after the command’s time ran out', async () => {
    const { commandId } = await commandIn(database.pool, 'queued');
    await database.pool.query(
      `UPDATE client_commands SET expires_at = now() - interval '1 second' WHERE command_id = $1`,
      [commandId],
    );
    const broker = new RecordingBroker();
    expect(await publishCommand(outbox(database.pool, broker), commandId)).toBe('not_claimed');
    expect(broker.sent).toEqual([]);
  });
});

describe('the outbox', () => {
  it('sends the commands of one client in the order in which they were issued', async () => {
    const uuid = await createClient(database.pool);
    const commands = [await issue(uuid), await issue(uuid), await issue(uuid)];
    for (const { commandId } of commands) await makeDue(commandId);
    const broker = new RecordingBroker();
    expect(await publishCommand(outbox(database.pool, broker), commands[2]?.commandId ?? '')).toBe(
      'not_claimed',
    );
    for (const { commandId } of commands) {
      await publishDueCommands(outbox(database.pool, broker), { limit: 10 });
      expect(await statusOf(database.pool, commandId)).toBe('published');
    }
    const ids = broker.sent
      .filter(({ topic }) => topic.endsWith('/commands'))
      .map(({ payload }) => JSON.parse(payload).command_id);
    expect(ids.filter((id) => commands.some(({ commandId }) => commandId === id))).toEqual(
      commands.map(({ commandId }) => commandId),
    );
  });

  it('repeats what no device has acknowledged, with the same id, and tells the timeline', async () => {
    const { commandId } = await commandIn(database.pool, 'queued');
    const broker = new RecordingBroker();
    await publishCommand(outbox(database.pool, broker), commandId);
    await makeDue(commandId);
    expect(await publishDueCommands(outbox(database.pool, broker), { limit: 10 })).toMatchObject({
      repeated: 1,
    });
    expect(new Set(broker.sent.map(({ payload }) => payload)).size).toBe(1);
    const found = await findCommand(database.pool, commandId);
    expect(found?.command).toMatchObject({ status: 'published', publishCount: 2 });
    expect(found?.timeline.at(-1)).toMatchObject({ kind: 'republished', toStatus: 'published' });
  });

  it('sends nothing again that expired while it waited for its turn', async () => {
    const commands = await Promise.all(Array.from({ length: 40 }, () => commandIn(database.pool, 'queued')));
    const broker = new RecordingBroker();
    for (const { commandId } of commands) {
      await publishCommand(outbox(database.pool, broker), commandId);
      await makeDue(commandId);
    }
    broker.sent = [];
    let expiring: Promise<unknown> | undefined;
    broker.onPublish = async () => {
      expiring ??= Promise.all(commands.map(({ commandId }) => letTimeRunOut(database.pool, commandId)));
      await expiring;
    };
    await publishDueCommands(outbox(database.pool, broker), { limit: 100 });
    const ids = new Set(broker.sent.map(({ payload }) => JSON.parse(payload).command_id));
    expect(ids.size).toBeGreaterThan(0);
    expect(ids.size).toBeLessThanOrEqual(16);
  });

  it('begins nothing more once it is asked to stop: what is left stays queued', async () => {
    const commands = await Promise.all(Array.from({ length: 40 }, () => commandIn(database.pool, 'queued')));
    for (const { commandId } of commands) await makeDue(commandId);
    const stopping = new AbortController();
    const broker = new RecordingBroker();
    broker.onPublish = async () => stopping.abort();
    const { published } = await publishDueCommands(outbox(database.pool, broker), {
      limit: 100,
      stopping: stopping.signal,
    });
    expect(published).toBeGreaterThan(0);
    expect(published).toBeLessThanOrEqual(16);
    const statuses = await Promise.all(commands.map(({ commandId }) => statusOf(database.pool, commandId)));
    expect(statuses.filter((status) => status === 'queued')).toHaveLength(40 - published);
  });

  it('sends a command to a legacy agent once, at QoS 0, and never again', async () => {
    const uuid = await createClient(database.pool, { bootId: null });
    const { commandId } = await issue(uuid);
    const broker = new RecordingBroker();
    await publishCommand(outbox(database.pool, broker), commandId);
    await makeDue(commandId);
    await publishDueCommands(outbox(database.pool, broker), { limit: 10 });
    expect(broker.sent.map(({ qos }) => qos)).toEqual([0, 0]);

    const { commandId: unconfirmed } = await issue(uuid);
    broker.onPublish = async () => {
      throw new Error('connection lost');
    };
    await publishCommand(outbox(database.pool, broker), unconfirmed);
    await makeDue(unconfirmed);
    const sent = broker.sent.length;
    await publishDueCommands(outbox(database.pool, broker), { limit: 10 });
    expect(broker.sent).toHaveLength(sent);
    expect(await statusOf(database.pool, unconfirmed)).toBe('publish_in_progress');
  });
});
