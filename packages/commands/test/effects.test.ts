import {
  acknowledgeCommand,
  findCommand,
  observeBoot,
  observeOffline,
  observeShutdownStarted,
  sweepEffects,
} from '@infoscreen/commands';
import type { CommandAction } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { commandIn, createClient, force, settings, useDatabase } from './fleet-fixture.ts';

const database = useDatabase();
const sweep = () => sweepEffects({ pool: database.pool, instance: 'scheduler-1' }, { graceSeconds: 180 });
const effectOf = async (commandId: string) =>
  (await findCommand(database.pool, commandId))?.command.effectObserved;

async function completed(action: CommandAction) {
  const command = await commandIn(database.pool, 'execution_started', action);
  await acknowledgeCommand(
    database.pool,
    { ...command, status: 'completed', errorCode: null, errorMessage: null, deviceTime: null, via: 'ack' },
    settings,
  );
  return command;
}

const goneOffline = (clientUuid: string, secondsAgo: number) =>
  database.pool.query(
    `UPDATE client_states SET presence_online = false, presence_at = clock_timestamp() - make_interval(secs => $2)
     WHERE client_uuid = $1`,
    [clientUuid, secondsAgo],
  );

const finishedAgo = (commandId: string, seconds: number) =>
  database.pool.query(
    'UPDATE client_commands SET finished_at = now() - make_interval(secs => $2) WHERE command_id = $1',
    [commandId, seconds],
  );
const silentFor = (clientUuid: string, seconds: number) =>
  database.pool.query(
    'UPDATE client_states SET last_message_at = now() - make_interval(secs => $2) WHERE client_uuid = $1',
    [clientUuid, seconds],
  );

describe('a reboot', () => {
  it('is proven by a new boot_id, which is stored with the command', async () => {
    const { commandId, clientUuid } = await completed('reboot_host');
    expect(await observeBoot(database, { clientUuid, bootId: 'boot-2' })).toEqual({
      outcome: 'rebooted',
      commandId,
    });
    const found = await findCommand(database.pool, commandId);
    expect(found?.command).toMatchObject({
      effectObserved: true,
      effectBootId: 'boot-2',
      effectObservedAt: expect.any(Date),
    });
    expect(found?.timeline.at(-1)).toMatchObject({ kind: 'effect', toStatus: 'completed' });
  });

  it('without a new boot_id within 5 minutes has no observed effect, until the proof comes after all', async () => {
    const { commandId, clientUuid } = await completed('reboot_host');
    await finishedAgo(commandId, 290);
    await sweep();
    expect(await effectOf(commandId)).toBeNull();
    await finishedAgo(commandId, 301);
    await sweep();
    expect(await effectOf(commandId)).toBe(false);
    await observeBoot(database, { clientUuid, bootId: 'boot-2' });
    expect(await effectOf(commandId)).toBe(true);
  });

  it('that nobody commanded is recorded and doesn’t count against the lockout', async () => {
    const clientUuid = await createClient(database.pool);
    expect(await observeBoot(database, { clientUuid, bootId: 'boot-2' })).toEqual({
      outcome: 'rebooted',
      commandId: null,
    });
    const { rows } = await database.pool.query(
      'SELECT boot_id, command_id FROM client_boots WHERE client_uuid = $1',
      [clientUuid],
    );
    expect(rows).toEqual([{ boot_id: 'boot-2', command_id: null }]);
  });

  it('isn’t proven by the first boot_id of an agent that had never reported one', async () => {
    const clientUuid = await createClient(database.pool, { bootId: null });
    expect(await observeBoot(database, { clientUuid, bootId: 'boot-1' })).toEqual({
      outcome: 'first',
      commandId: null,
    });
  });

  it('isn’t proven twice, nor undone, by an older boot_id in a late message', async () => {
    const clientUuid = await createClient(database.pool, { bootId: null });
    await observeBoot(database, { clientUuid, bootId: 'boot-1' });
    await observeBoot(database, { clientUuid, bootId: 'boot-2' });
    expect(await observeBoot(database, { clientUuid, bootId: 'boot-1' })).toEqual({
      outcome: 'known',
      commandId: null,
    });
    const { rows } = await database.pool.query('SELECT boot_id FROM client_states WHERE client_uuid = $1', [
      clientUuid,
    ]);
    expect(rows[0].boot_id).toBe('boot-2');
  });

  it('isn’t proven for a command that the screen had refused', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'failed', 'reboot_host');
    expect(await observeBoot(database, { clientUuid, bootId: 'boot-2' })).toEqual({
      outcome: 'rebooted',
      commandId: null,
    });
    expect(await effectOf(commandId)).toBeNull();
  });

  it('isn’t proven by a boot long after a command that the screen had never started', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'expired', 'reboot_host');
    await database.pool.query(
      "UPDATE client_commands SET expires_at = now() - interval '2 hours' WHERE command_id = $1",
      [commandId],
    );
    await observeBoot(database, { clientUuid, bootId: 'boot-2' });
    expect(await effectOf(commandId)).toBeNull();
  });

  it('that a screen had started is proven by its next boot, also of an expired command', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'execution_started', 'reboot_host');
    await force(database.pool, commandId, 'expired');
    await database.pool.query(
      "UPDATE client_commands SET execution_started_at = now() - interval '5 hours', expires_at = now() - interval '5 hours' WHERE command_id = $1",
      [commandId],
    );
    await observeBoot(database, { clientUuid, bootId: 'boot-2' });
    expect(await effectOf(commandId)).toBe(true);
  });

  it('is attributed once when two listeners see the new boot_id at the same moment', async () => {
    const { commandId, clientUuid } = await completed('reboot_host');
    const seen = await Promise.all([1, 2].map(() => observeBoot(database, { clientUuid, bootId: 'boot-2' })));
    expect(seen.map(({ outcome }) => outcome).sort()).toEqual(['known', 'rebooted']);
    const found = await findCommand(database.pool, commandId);
    expect(found?.timeline.filter(({ kind }) => kind === 'effect')).toHaveLength(1);
  });
});

describe('a shutdown', () => {
  it('is proven by presence offline', async () => {
    const { commandId, clientUuid } = await completed('shutdown_host');
    expect(await observeOffline(database.pool, { clientUuid })).toBe(1);
    expect(await effectOf(commandId)).toBe(true);
  });

  it('isn’t proven by a link that broke before the screen had started it', async () => {
    const { commandId, clientUuid } = await commandIn(database.pool, 'published', 'shutdown_host');
    expect(await observeOffline(database.pool, { clientUuid })).toBe(0);
    expect(await effectOf(commandId)).toBeNull();
  });

  it('is proven by presence that went offline before it was known that the screen had started it', async () => {
    const { commandId, clientUuid } = await completed('shutdown_host');
    await goneOffline(clientUuid, 0);
    expect(await observeShutdownStarted(database.pool, { clientUuid })).toBe(1);
    expect(await effectOf(commandId)).toBe(true);
    expect(await observeShutdownStarted(database.pool, { clientUuid })).toBe(0);
  });

  it('isn’t proven by presence that was offline before it was issued, nor while the screen is online', async () => {
    const { commandId, clientUuid } = await completed('shutdown_host');
    expect(await observeShutdownStarted(database.pool, { clientUuid })).toBe(0);
    await goneOffline(clientUuid, 3600);
    expect(await observeShutdownStarted(database.pool, { clientUuid })).toBe(0);
    expect(await effectOf(commandId)).toBeNull();
  });

  it('is proven by silence past the grace', async () => {
    const { commandId, clientUuid } = await completed('shutdown_host');
    await finishedAgo(commandId, 200);
    await silentFor(clientUuid, 100);
    await sweep();
    expect(await effectOf(commandId)).toBeNull();
    await silentFor(clientUuid, 190);
    await sweep();
    expect(await effectOf(commandId)).toBe(true);
  });

  it('of a screen that goes on talking has no observed effect', async () => {
    const { commandId } = await completed('shutdown_host');
    await finishedAgo(commandId, 301);
    await sweep();
    expect(await effectOf(commandId)).toBe(false);
  });
});
