import { canaryTopic, DISCOVERY_ALIAS_TOPIC, deviceTopic, fleetFilter } from '@infoscreen/shared-types';
import { availableBrokers, eventually } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LANES, type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';
import { publishedCommand } from './published-command.ts';

/** More than a broker gives out unacknowledged, and more than a listener holds of reports. */
const STORM = 1500;
const laneSession = (lane: number) => `infoscreen-listener-lane-${LANES}-${lane}`;

describe.each(availableBrokers())('discovery and presence have a session of their own (%s)', (kind) => {
  let fixture: ListenerFixture;
  beforeEach(async () => {
    fixture = await startListenerFixture(kind);
  });
  afterEach(() => fixture.stop());

  const modelOf = async (uuid: string) =>
    (await fixture.rows<{ model: string | null }>('SELECT model FROM clients WHERE uuid = $1', uuid))[0]
      ?.model;
  const stateOf = async (uuid: string) =>
    (
      await fixture.rows<{ presence_online: boolean; last_message_at: Date | null }>(
        'SELECT * FROM client_states WHERE client_uuid = $1',
        uuid,
      )
    )[0];

  it('so that no ACK waits while none of them can be stored', async () => {
    await fixture.startReplica();
    await untilFlowing(fixture);
    const uuid = await fixture.addClient();
    const commandId = await publishedCommand(fixture.pool, uuid);
    const rows = await fixture.rows<{ uuid: string }>(
      'INSERT INTO clients (uuid) SELECT gen_random_uuid() FROM generate_series(1, $1) RETURNING uuid',
      STORM,
    );
    const holder = await fixture.pool.connect();
    await holder.query('BEGIN');
    // Owned by the owner, so the lock is one that the services may take too: every new boot waits for it.
    await holder.query('LOCK TABLE client_boots IN EXCLUSIVE MODE');
    await Promise.all(
      rows.map((row) => fixture.publish(row.uuid, 'discovery', { uuid: row.uuid, boot_id: 'b1' })),
    );
    await fixture.publish(uuid, 'command_ack', { command_id: commandId, status: 'completed' });
    const status = async () =>
      (await fixture.rows('SELECT status FROM client_commands WHERE command_id = $1', commandId))[0];
    await eventually(async () => JSON.stringify(await status()).includes('completed'), {
      deadlineMs: 10_000,
    });
    expect(await fixture.rows('SELECT FROM client_boots')).toEqual([]);
    await holder.query('ROLLBACK');
    holder.release();
    await eventually(async () => (await fixture.rows('SELECT FROM client_boots')).length === STORM, {
      deadlineMs: 60_000,
    });
  }, 90_000);

  it('what a session from before it holds of them is stored, and from then on it gets no more', async () => {
    const clients = await Promise.all(Array.from({ length: LANES }, (_, lane) => fixture.addClient(lane)));
    const before = ['discovery', 'presence', 'service_failed', 'command_ack', 'command_ack_legacy'] as const;
    for (let lane = 0; lane < LANES; lane += 1) {
      const old = await fixture.broker.connectService({ clientId: laneSession(lane), clean: false });
      for (const each of before) await old.subscribe(fleetFilter(each));
      await old.subscribe(DISCOVERY_ALIAS_TOPIC);
      await old.subscribe(canaryTopic(`lane-${LANES}-${lane}`));
      await old.end();
    }
    for (const uuid of clients) {
      await fixture.publish(uuid, 'discovery', { uuid, model: 'from before' });
      await fixture.publish(uuid, 'presence', { online: true, session_id: 's1' });
    }
    const replica = await fixture.startReplica();
    for (const uuid of clients) {
      await eventually(async () => (await modelOf(uuid)) === 'from before');
      await eventually(async () => (await stateOf(uuid))?.presence_online === true);
      if (kind === 'mosquitto') expect((await stateOf(uuid))?.last_message_at).toBeNull();
    }
    await untilFlowing(fixture);
    for (const uuid of clients) {
      await fixture.publish(uuid, 'discovery', { uuid, model: 'from now on' });
      await eventually(async () => (await modelOf(uuid)) === 'from now on');
    }
    await replica.stop();
    for (const [lane, uuid] of clients.entries()) {
      await fixture.publish(uuid, 'presence', { online: false, session_id: 's1' });
      await fixture.publish(uuid, 'service_failed', { unit: 'behind it' });
      const session = await fixture.broker.connectService({ clientId: laneSession(lane), clean: false });
      await session.waitFor(({ topic }) => topic === deviceTopic(uuid, 'service_failed'));
      expect(session.messages.map(({ topic }) => topic)).not.toContain(deviceTopic(uuid, 'presence'));
      await session.cut();
    }
    await fixture.startReplica();
    for (const uuid of clients)
      await eventually(async () => (await stateOf(uuid))?.presence_online === false);
  }, 60_000);

  it('a lane counts as flowing only when both of its sessions flow', async () => {
    const thief = await fixture.broker.connectService({
      clientId: `infoscreen-listener-identity-${LANES}`,
      clean: false,
    });
    const replica = await fixture.startReplica();
    await untilFlowing(fixture);
    expect(thief.isConnected()).toBe(false);
    await replica.stop();
    await fixture.rows('UPDATE listener_lanes SET acks_stored_at = NULL');
    // What another transaction holds: canaries of the identity session can't be stored, those of reports can.
    const holder = await fixture.pool.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE client_boots IN EXCLUSIVE MODE');
    const uuid = await fixture.addClient();
    await fixture.publish(uuid, 'discovery', { uuid, boot_id: 'b1' });
    await fixture.startReplica();
    const proven = async () =>
      (
        await fixture.rows<{ lane: number }>(
          'SELECT lane FROM listener_lanes WHERE acks_stored_at IS NOT NULL ORDER BY lane',
        )
      ).map(({ lane }) => lane);
    await eventually(async () => (await proven()).length === LANES - 1);
    expect(await proven()).toEqual([1, 2, 3]);
    await holder.query('ROLLBACK');
    holder.release();
    await eventually(async () => (await proven()).length === LANES, { deadlineMs: 20_000 });
  }, 60_000);
});
