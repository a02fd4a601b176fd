import { randomUUID } from 'node:crypto';
import type { CommandAction } from '@infoscreen/shared-types';
import { availableBrokers, eventually } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';
import { publishedCommand } from './published-command.ts';

describe.each(availableBrokers())('what a device reports (%s)', (kind) => {
  let fixture: ListenerFixture;
  beforeAll(async () => {
    fixture = await startListenerFixture(kind);
    await fixture.startReplica();
    await untilFlowing(fixture);
  });
  afterAll(() => fixture.stop());

  const sendCommand = (clientUuid: string, action?: CommandAction) =>
    publishedCommand(fixture.pool, clientUuid, action);
  const commandOf = async (commandId: string) =>
    (
      await fixture.rows<Record<string, unknown>>(
        'SELECT * FROM client_commands WHERE command_id = $1',
        commandId,
      )
    )[0];
  const failuresOf = (uuid: string) =>
    fixture.rows<{ unit: string; failed_at: Date; cleared_at: Date | null; reason: string | null }>(
      'SELECT unit, failed_at, cleared_at, reason FROM service_failures WHERE client_uuid = $1 ORDER BY failed_at',
      uuid,
    );
  const clear = (uuid: string) =>
    fixture.rows(
      'UPDATE service_failures SET cleared_at = now() WHERE client_uuid = $1 AND cleared_at IS NULL',
      uuid,
    );
  /** Until a health report is stored with all that it tells. */
  const health = async (uuid: string, payload: object) => {
    const app_version = randomUUID();
    await fixture.publish(uuid, 'health', { ...payload, app_version });
    await eventually(
      async () =>
        (await fixture.rows('SELECT FROM clients WHERE uuid = $1 AND app_version = $2', uuid, app_version))
          .length === 1,
    );
  };

  describe('of a command', () => {
    it.each(['command_ack', 'command_ack_legacy'] as const)(
      'is applied from %s, with one log line',
      async (topic) => {
        const uuid = await fixture.addClient();
        const commandId = await sendCommand(uuid);
        await fixture.publish(uuid, topic, { command_id: commandId, status: 'accepted' });
        await fixture.publish(uuid, topic, { command_id: commandId, status: 'completed' });
        await eventually(async () => (await commandOf(commandId))?.['status'] === 'completed');
        const outcomes = () => fixture.lines.filter((line) => line['command_id'] === commandId);
        // The lines come after the commit.
        await eventually(() => outcomes().length >= 2);
        expect(outcomes()).toMatchObject([
          { message: 'command acknowledged', client_uuid: uuid, status: 'accepted', outcome: 'moved' },
          { message: 'command acknowledged', client_uuid: uuid, status: 'completed', outcome: 'moved' },
        ]);
      },
    );

    it('counts only for a command of the client that the topic names', async () => {
      const [owner, other] = [await fixture.addClient(), await fixture.addClient()];
      const commandId = await sendCommand(owner);
      await fixture.publish(other, 'command_ack', { command_id: commandId, status: 'completed' });
      await eventually(
        async () =>
          (await fixture.rows('SELECT FROM rejected_messages WHERE client_uuid = $1', other)).length === 1,
      );
      expect(await commandOf(commandId)).toMatchObject({ status: 'published' });
    });

    it('is made good by a heartbeat when the ACK was lost', async () => {
      const uuid = await fixture.addClient();
      const commandId = await sendCommand(uuid);
      const recent_results = [{ command_id: commandId, status: 'failed', error_code: 'no_power' }];
      await fixture.publish(uuid, 'heartbeat', { recent_results });
      await eventually(async () => (await commandOf(commandId))?.['status'] === 'failed');
      expect(await commandOf(commandId)).toMatchObject({ error_code: 'no_power' });
    });

    it('is proven by a new boot, which only topics with the UUID tell', async () => {
      const uuid = await fixture.addClient();
      await health(uuid, { boot_id: 'b1' });
      const commandId = await sendCommand(uuid, 'reboot_host');
      await fixture.publish(uuid, 'command_ack', {
        command_id: commandId,
        status: 'completed',
        boot_id: 'b2',
      });
      await eventually(async () => (await commandOf(commandId))?.['effect_observed']);
      await eventually(async () => (await commandOf(commandId))?.['status'] === 'completed');
      expect(await commandOf(commandId)).toMatchObject({ effect_boot_id: 'b2' });
    });

    it('a shutdown is proven by presence that goes offline', async () => {
      const uuid = await fixture.addClient();
      const commandId = await sendCommand(uuid, 'shutdown_host');
      await fixture.publish(uuid, 'presence', { online: true, session_id: 's1' });
      await fixture.publish(uuid, 'command_ack', { command_id: commandId, status: 'completed' });
      await fixture.publish(uuid, 'presence', { online: false, session_id: 's1' });
      await eventually(async () => (await commandOf(commandId))?.['effect_observed']);
    });

    it('a shutdown is proven as well where its last will is stored before its ACK', async () => {
      const uuid = await fixture.addClient();
      const commandId = await sendCommand(uuid, 'shutdown_host');
      await fixture.publish(uuid, 'presence', { online: true, session_id: 's1' });
      await fixture.publish(uuid, 'presence', { online: false, session_id: 's1' });
      const isOffline = () =>
        fixture.rows('SELECT FROM client_states WHERE client_uuid = $1 AND presence_online IS FALSE', uuid);
      await eventually(async () => (await isOffline()).length === 1);
      expect((await commandOf(commandId))?.['effect_observed']).toBeNull();
      await fixture.publish(uuid, 'command_ack', { command_id: commandId, status: 'completed' });
      await eventually(async () => (await commandOf(commandId))?.['effect_observed']);
    });
  });

  describe('of a failure', () => {
    const failed_at = '2026-03-01T10:00:00.123Z';

    it('is one failure however often it is told; a cleared one stays cleared, a newer one is open', async () => {
      const uuid = await fixture.addClient();
      await fixture.publish(uuid, 'service_failed', { unit: 'player', failed_at, reason: 'signal' });
      await health(uuid, { failed_units: [{ unit: 'player', failed_at }] });
      await eventually(async () => (await failuresOf(uuid)).length > 0);
      expect(await failuresOf(uuid)).toMatchObject([{ unit: 'player', reason: 'signal', cleared_at: null }]);
      await clear(uuid);
      await fixture.publish(uuid, 'service_failed', { unit: 'player', failed_at });
      await fixture.publish(uuid, 'service_failed', { unit: 'player', failed_at: '2026-03-01T09:00:00Z' });
      await fixture.publish(uuid, 'service_failed', { unit: 'player', failed_at: '2026-03-01T11:00:00Z' });
      await eventually(async () => (await failuresOf(uuid)).length > 1);
      expect(
        (await failuresOf(uuid)).map(({ failed_at: at, cleared_at }) => [
          at.getUTCHours(),
          cleared_at === null,
        ]),
      ).toEqual([
        [10, false],
        [11, true],
      ]);
    });

    it('without a time is absorbed by an open one, and a repetition in health opens none again', async () => {
      const uuid = await fixture.addClient();
      const failed_units = [{ unit: 'player' }];
      await health(uuid, { failed_units });
      await eventually(async () => (await failuresOf(uuid)).length === 1);
      await fixture.publish(uuid, 'service_failed', { unit: 'player', reason: 'again' });
      await eventually(async () => (await failuresOf(uuid))[0]?.reason === 'again');
      await clear(uuid);
      await health(uuid, { failed_units });
      expect((await failuresOf(uuid)).map(({ cleared_at }) => cleared_at === null)).toEqual([false]);
      await fixture.publish(uuid, 'service_failed', { unit: 'player' });
      await eventually(async () => (await failuresOf(uuid)).length === 2);
    });

    it('is refused while its client has 200 open ones, and taken again when they are cleared', async () => {
      const uuid = await fixture.addClient();
      await fixture.rows(
        `INSERT INTO service_failures (client_uuid, unit, failed_at, reported_at)
         SELECT $1, 'unit-' || n, now(), now() FROM generate_series(1, 200) n`,
        uuid,
      );
      await fixture.publish(uuid, 'service_failed', { unit: 'one more' });
      await eventually(async () => {
        const rejected = await fixture.rows<{ reason: string }>(
          'SELECT reason FROM rejected_messages WHERE client_uuid = $1',
          uuid,
        );
        return rejected[0]?.reason === 'too_many_open_failures';
      });
      await health(uuid, { failed_units: [{ unit: 'one more' }, { unit: 'another', failed_at }] });
      // Reports of a client are stored in their order: with this one, all of that one is.
      await health(uuid, {});
      await fixture.publish(uuid, 'service_failed', { unit: 'unit-7', reason: 'again' });
      await eventually(async () => (await failuresOf(uuid)).some(({ reason }) => reason === 'again'));
      expect(await failuresOf(uuid)).toHaveLength(200);
      await clear(uuid);
      await health(uuid, { failed_units: [{ unit: 'one more' }, { unit: 'another', failed_at }] });
      await eventually(
        async () => (await failuresOf(uuid)).filter(({ cleared_at }) => cleared_at === null).length === 2,
      );
    });
  });

  it('writes no log line per heartbeat', async () => {
    const uuid = await fixture.addClient();
    await fixture.publish(uuid, 'heartbeat', { process_status: 'running' });
    await eventually(
      async () =>
        (
          await fixture.rows(
            'SELECT FROM client_states WHERE client_uuid = $1 AND last_alive IS NOT NULL',
            uuid,
          )
        ).length === 1,
    );
    expect(fixture.lines.filter((line) => JSON.stringify(line).includes(uuid))).toEqual([]);
  });
});
