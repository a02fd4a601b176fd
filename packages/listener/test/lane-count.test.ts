import { laneOf } from '@infoscreen/shared-types';
import { availableBrokers, eventually } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';

describe.each(availableBrokers())('another number of lanes (%s)', (kind) => {
  let fixture: ListenerFixture;
  beforeEach(async () => {
    fixture = await startListenerFixture(kind);
  });
  afterEach(() => fixture.stop());

  const storedUnits = async () => {
    const rows = await fixture.rows<{ unit: string }>(
      'SELECT DISTINCT client_uuid, unit FROM service_failures ORDER BY unit',
    );
    return rows.map(({ unit }) => unit);
  };
  const sets = async () =>
    (
      await fixture.rows<{ lane_count: number }>('SELECT DISTINCT lane_count FROM listener_lanes ORDER BY 1')
    ).map((row) => row.lane_count);
  /** Whether the broker still keeps something for a lane; the look itself leaves nothing behind. */
  const hasSession = async (clientId: string) => {
    const look = await fixture.broker.connectService({ clientId, clean: false });
    await look.end();
    if (!look.sessionPresent) await (await fixture.broker.connectService({ clientId })).end();
    return look.sessionPresent;
  };

  it.each([
    [4, 2],
    [2, 4],
    [4, 3],
  ])(
    '%i → %i: what the old lanes had left with the broker is stored, and their sessions go',
    async (from, to) => {
      const old = await fixture.startReplica('old', from);
      await untilFlowing(fixture, from);
      const clients = await Promise.all(Array.from({ length: 12 }, () => fixture.addClient()));
      expect(new Set(clients.map((uuid) => laneOf(uuid, from))).size).toBeGreaterThan(1);
      // The rows are locked: whatever lane a message belongs to, its own lane can't store it and the others pass it by.
      const holder = await fixture.pool.connect();
      await holder.query('BEGIN');
      await holder.query('SELECT FROM client_states FOR UPDATE');
      for (const [index, uuid] of clients.entries())
        await fixture.publish(uuid, 'service_failed', { unit: `a-${index}` });
      await old.stop();
      await holder.query('ROLLBACK');
      holder.release();
      for (const [index, uuid] of clients.entries()) {
        await fixture.publish(uuid, 'service_failed', { unit: `b-${index}` });
        await fixture.publish(uuid, 'discovery', { uuid, model: 'kept' });
      }

      await fixture.startReplica('new', to);
      await eventually(async () => (await storedUnits()).length === 2 * clients.length, {
        deadlineMs: 30_000,
      });
      const told = () => fixture.rows("SELECT FROM clients WHERE model = 'kept'");
      await eventually(async () => (await told()).length === clients.length);
      await eventually(async () => (await sets()).join() === String(to), {
        deadlineMs: 30_000,
        what: 'the old lanes are gone',
      });
      await untilFlowing(fixture, to);
      for (let lane = 0; lane < from; lane += 1)
        expect(await hasSession(`infoscreen-listener-lane-${from}-${lane}`)).toBe(false);
      expect(await hasSession(`infoscreen-listener-identity-${from}`)).toBe(false);
    },
  );

  it('leaves lanes that replicas of the old number still hold to them, until they stop', async () => {
    const old = await fixture.startReplica('old', 2);
    await untilFlowing(fixture, 2);
    await fixture.startReplica('new', 3);
    await untilFlowing(fixture, 3);
    const holders = await fixture.rows('SELECT holder FROM listener_lanes WHERE lane_count = 2');
    expect(holders).toEqual([{ holder: 'old' }, { holder: 'old' }]);
    await old.stop();
    await eventually(async () => (await sets()).join() === '3', { deadlineMs: 30_000 });
  });
});
