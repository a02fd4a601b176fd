import { randomUUID } from 'node:crypto';
import { deviceTopic } from '@infoscreen/shared-types';
import { availableBrokers, eventually } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LANES, type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';

interface LaneRow {
  readonly lane: number;
  readonly holder: string | null;
}

describe.each(availableBrokers())('listener replicas (%s)', (kind) => {
  let fixture: ListenerFixture;
  beforeEach(async () => {
    fixture = await startListenerFixture(kind);
  });
  afterEach(() => fixture.stop());

  const lanes = () => fixture.rows<LaneRow>('SELECT lane, holder FROM listener_lanes ORDER BY lane');
  const holders = async () => (await lanes()).map(({ holder }) => holder);
  const failureUnits = async (uuid: string) =>
    (
      await fixture.rows<{ unit: string }>(
        'SELECT unit FROM service_failures WHERE client_uuid = $1 ORDER BY reported_at',
        uuid,
      )
    ).map(({ unit }) => unit);

  it('acknowledge a message only after its transaction has committed', async () => {
    await fixture.startReplica();
    await untilFlowing(fixture);
    const uuid = await fixture.addClient(1);
    const holder = await fixture.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM client_states WHERE client_uuid = $1 FOR UPDATE', [uuid]);
    await fixture.publish(uuid, 'service_failed', { unit: 'held' });
    await eventually(
      async () =>
        (
          await fixture.rows(
            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%client_states%FOR UPDATE%'",
          )
        ).length > 0,
    );
    // Takes the lane's session over, as another replica would after a kill.
    const successor = await fixture.broker.connectService({
      clientId: `infoscreen-listener-lane-${LANES}-1`,
      clean: false,
    });
    await successor.waitFor(({ topic }) => topic === deviceTopic(uuid, 'service_failed'));
    await holder.query('ROLLBACK');
    holder.release();
    await successor.cut();
    await eventually(async () => (await failureUnits(uuid)).includes('held'));
  });

  it('store a message again that came twice, without a second effect, and in the order of the client', async () => {
    const replica = await fixture.startReplica('first');
    await untilFlowing(fixture);
    const uuid = await fixture.addClient();
    await replica.stop();
    const units = Array.from({ length: 30 }, (_, index) => `unit-${index}`);
    for (const unit of units) await fixture.publish(uuid, 'service_failed', { unit });
    await fixture.startReplica('second');
    await eventually(async () => (await failureUnits(uuid)).length === units.length);
    expect(await failureUnits(uuid)).toEqual(units);
    // Kept by the broker meanwhile, so no sign that the device lives now; the embedded one doesn't keep the order.
    if (kind === 'mosquitto') {
      const sql = 'SELECT last_message_at FROM client_states WHERE client_uuid = $1';
      expect(await fixture.rows(sql, uuid)).toEqual([{ last_message_at: null }]);
    }
  });

  it('share the lanes, hand them over when one stops, and lose nothing meanwhile', async () => {
    const first = await fixture.startReplica('a');
    await eventually(
      async () => (await holders()).every((holder) => holder === 'a') && (await lanes()).length === LANES,
    );
    await fixture.startReplica('b');
    await eventually(async () => (await holders()).filter((holder) => holder === 'b').length === 2);
    await untilFlowing(fixture);
    const clients = await Promise.all(Array.from({ length: LANES }, (_, lane) => fixture.addClient(lane)));
    const sent: Promise<void>[] = [];
    const stopped = first.stop();
    for (let index = 0; index < 25; index += 1) {
      for (const uuid of clients)
        sent.push(fixture.publish(uuid, 'service_failed', { unit: `unit-${index}` }));
    }
    await Promise.all(sent);
    await stopped;
    await eventually(async () => (await holders()).every((holder) => holder === 'b'));
    await eventually(async () => {
      const [row] = await fixture.rows<{ count: number }>('SELECT count(*)::int FROM service_failures');
      return row?.count === 25 * LANES;
    });
    await untilFlowing(fixture);
    expect(
      await fixture.rows("SELECT FROM service_instances WHERE instance = 'a' AND stopped_at IS NOT NULL"),
    ).toHaveLength(1);
  });

  it('end a lane at once whose lease is lost, and take it again', async () => {
    await fixture.startReplica('a');
    await untilFlowing(fixture);
    await fixture.rows(
      "UPDATE listener_lanes SET holder = 'thief', epoch = epoch + 1, lease_until = now() + interval '1 s' WHERE lane = 2",
    );
    await eventually(() => fixture.lines.some(({ message }) => message === 'lanes lost'));
    await eventually(async () => (await holders())[2] === 'a');
    await untilFlowing(fixture);
  });

  it('come through a database that closed every connection, and a broker that was killed', async () => {
    await fixture.startReplica();
    await untilFlowing(fixture);
    await fixture.rows(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'infoscreen-listener%'",
    );
    const uuid = await fixture.addClient();
    await fixture.publish(uuid, 'service_failed', { unit: 'after the database' });
    await eventually(async () => (await failureUnits(uuid)).length === 1);
    await fixture.broker.kill('SIGKILL');
    await fixture.broker.restart();
    await fixture.rows('UPDATE listener_lanes SET acks_stored_at = NULL, telemetry_stored_at = NULL');
    await untilFlowing(fixture);
    expect(fixture.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('refuse a retained message on every topic but presence', async () => {
    const [uuid, other] = [await fixture.addClient(), randomUUID()];
    await fixture.publish(uuid, 'heartbeat', {}, { retain: true });
    await fixture.publish(uuid, 'service_failed', { unit: 'player' }, { retain: true });
    await fixture.publish(uuid, 'presence', { online: true, session_id: 's1' }, { retain: true });
    await fixture.publish(other, 'presence', { online: true }, { retain: true });
    await fixture.startReplica('a');
    await untilFlowing(fixture);
    // Cuts the telemetry connection, which subscribes anew.
    await (await fixture.broker.connectService({ clientId: 'infoscreen-listener-telemetry-a' })).end();
    const rejected = () =>
      fixture.rows<{ topic: string; reason: string }>(
        'SELECT DISTINCT topic, reason FROM rejected_messages ORDER BY reason, topic',
      );
    await eventually(async () => (await rejected()).length === 3);
    expect(await rejected()).toEqual([
      { topic: deviceTopic(uuid, 'heartbeat'), reason: 'retained' },
      { topic: deviceTopic(uuid, 'service_failed'), reason: 'retained' },
      { topic: deviceTopic(other, 'presence'), reason: 'unknown_client' },
    ]);
    const sql =
      'SELECT last_alive, last_message_at, presence_online FROM client_states WHERE client_uuid = $1';
    expect(await fixture.rows(sql, uuid)).toEqual([
      { last_alive: null, last_message_at: null, presence_online: true },
    ]);
    expect(await failureUnits(uuid)).toEqual([]);
  });
});
