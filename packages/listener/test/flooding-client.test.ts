import { randomUUID } from 'node:crypto';
import { deviceTopic, laneOf, type RejectionReason } from '@infoscreen/shared-types';
import { availableBrokers, eventually } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LANES, type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';
import { publishedCommand } from './published-command.ts';

/** So seldom that no token comes back within a test. */
const NEVER_AGAIN = 1e-6;
const BURST = 20;

describe.each(availableBrokers())('a client that floods (%s)', (kind) => {
  let fixture: ListenerFixture;
  let metricsUrl: string;
  beforeEach(async () => {
    fixture = await startListenerFixture(kind);
  });
  afterEach(() => fixture.stop());

  const start = async (burst: number) => {
    const replica = await fixture.startReplica('a', LANES, {
      CLIENT_MESSAGES_PER_SECOND: NEVER_AGAIN,
      CLIENT_MESSAGE_BURST: burst,
    });
    metricsUrl = `http://127.0.0.1:${replica.opsPort}/metrics`;
    await untilFlowing(fixture);
    return replica;
  };
  const refused = async (reason: RejectionReason = 'rate_limited') => {
    const text = await (await fetch(metricsUrl)).text();
    const line = text
      .split('\n')
      .find((each) => each.startsWith('infoscreen_rejected_messages_total') && each.includes(`"${reason}"`));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  const statusOf = async (commandId: string) =>
    (
      await fixture.rows<{ status: string }>(
        'SELECT status FROM client_commands WHERE command_id = $1',
        commandId,
      )
    )[0]?.status;
  const flood = (uuid: string, topic: Parameters<typeof deviceTopic>[1], count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        fixture.publish(uuid, topic, { command_id: randomUUID(), status: 'accepted' }),
      ),
    );

  it('loses its own result in the flood, and its next heartbeat makes it good', async () => {
    await start(BURST);
    const uuid = await fixture.addClient();
    const commandId = await publishedCommand(fixture.pool, uuid);
    await flood(uuid, 'command_ack', 200);
    await fixture.publish(uuid, 'command_ack', { command_id: commandId, status: 'completed' });
    await eventually(async () => (await refused()) === 201 - BURST);
    expect(await statusOf(commandId)).toBe('published');
    await fixture.publish(uuid, 'heartbeat', {
      recent_results: [{ command_id: commandId, status: 'completed' }],
    });
    await eventually(async () => (await statusOf(commandId)) === 'completed');
  });

  it('has each surplus message counted, some kept as rows, and all of them acknowledged to the broker', async () => {
    const replica = await start(BURST);
    const uuid = await fixture.addClient();
    await flood(uuid, 'command_ack', 300);
    await eventually(async () => (await refused()) === 300 - BURST);
    const [kept] = await fixture.rows<{ n: number }>(
      "SELECT count(*)::int AS n FROM rejected_messages WHERE reason = 'rate_limited' AND client_uuid = $1",
      uuid,
    );
    // Those within the burst name no command, and take of the rows of the minute too.
    expect(kept?.n).toBeGreaterThan(0);
    expect(kept?.n).toBeLessThanOrEqual(60);
    const warnings = fixture.lines.filter(
      ({ level, client_uuid }) => level === 'warn' && client_uuid === uuid,
    );
    expect(warnings).toMatchObject([{ message: 'messages come too fast, refusing the surplus' }]);
    await replica.stop();
    // Whoever takes the lane's session next is given nothing of the flood.
    const lane = laneOf(uuid, LANES);
    const successor = await fixture.broker.connectService({
      clientId: `infoscreen-listener-lane-${LANES}-${lane}`,
      clean: false,
    });
    await fixture.publish(uuid, 'service_failed', { unit: 'marker' });
    await successor.waitFor(({ topic }) => topic === deviceTopic(uuid, 'service_failed'));
    expect(successor.messages.filter(({ topic }) => topic === deviceTopic(uuid, 'command_ack'))).toEqual([]);
    await successor.cut();
  });

  it('far beyond its rate has its account suspended, once, whatever is still to come of the flood', async () => {
    await start(BURST);
    const [flooder, other] = [await fixture.addClient(), await fixture.addClient()];
    const deleted = await fixture.addClient();
    await fixture.rows(
      `INSERT INTO broker_accounts (client_uuid, password_sealed, desired)
       VALUES ($1, 'x', 'present'), ($2, 'x', 'present'), ($3, NULL, 'absent')`,
      flooder,
      other,
      deleted,
    );
    const before = Date.now();
    const large = { unit: 'x'.repeat(30_000) };
    await Promise.all(
      [flooder, deleted].flatMap((uuid) =>
        Array.from({ length: 1500 }, () => fixture.publish(uuid, 'service_failed', large)),
      ),
    );
    await flood(other, 'command_ack', 300);
    await eventually(async () => (await refused()) === 2 * (1500 - BURST) + 300 - BURST);
    const warnings = () =>
      fixture.lines.filter(({ message }) => message === 'a client floods, its account is suspended');
    await eventually(() => warnings().length > 0);
    expect(warnings()).toEqual([
      expect.objectContaining({ level: 'warn', client_uuid: flooder, seconds: 60 }),
    ]);
    const rows = await fixture.rows<{ client_uuid: string; suspended_until: Date | null }>(
      'SELECT client_uuid, suspended_until FROM broker_accounts WHERE suspended_until IS NOT NULL',
    );
    expect(rows.map((row) => row.client_uuid)).toEqual([flooder]);
    expect(rows[0]?.suspended_until?.getTime()).toBeGreaterThanOrEqual(before + 60_000);
    expect(await (await fetch(metricsUrl)).text()).toMatch(
      /^infoscreen_clients_suspended_total\{[^}]*\} 1$/m,
    );
  }, 30_000);

  it('with heartbeats is alive, and its other messages come through', async () => {
    await start(BURST);
    const uuid = await fixture.addClient();
    const commandId = await publishedCommand(fixture.pool, uuid);
    await Promise.all(Array.from({ length: 500 }, () => fixture.publish(uuid, 'heartbeat', {})));
    await fixture.publish(uuid, 'command_ack', { command_id: commandId, status: 'completed' });
    await eventually(async () => (await statusOf(commandId)) === 'completed');
    await eventually(async () => (await refused()) === 500 - BURST);
    const rows = await fixture.rows(
      'SELECT FROM client_states WHERE client_uuid = $1 AND last_alive IS NOT NULL',
      uuid,
    );
    expect(rows).toHaveLength(1);
  });

  it('and whose messages can’t be stored leaves room for the others of its lane', async () => {
    await start(100_000);
    const [flooder, other] = [await fixture.addClient(1), await fixture.addClient(1)];
    const holder = await fixture.pool.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM client_states WHERE client_uuid = $1 FOR UPDATE', [flooder]);
      await Promise.all(
        Array.from({ length: 1500 }, (_, n) =>
          fixture.publish(flooder, 'service_failed', { unit: `unit-${n}` }),
        ),
      );
      await fixture.publish(other, 'service_failed', { unit: 'of the other' });
      await eventually(
        async () =>
          (await fixture.rows('SELECT FROM service_failures WHERE client_uuid = $1', other)).length === 1,
        { what: 'the failure of the other client is stored' },
      );
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    // What it had a share for is stored, as far as it may have open failures, the rest was refused: nothing is lost without a trace.
    const isAllThere = async () => {
      const [row] = await fixture.rows<{ n: number }>(
        'SELECT count(*)::int AS n FROM service_failures WHERE client_uuid = $1',
        flooder,
      );
      const beyond = (await refused()) + (await refused('too_many_open_failures'));
      return (row?.n ?? 0) + beyond === 1500;
    };
    // One after the other, and the first one only after the pause that its failures have earned it.
    await eventually(isAllThere, { deadlineMs: 60_000 });
  }, 90_000);
});
