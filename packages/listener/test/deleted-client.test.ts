import {
  DEVICE_TOPIC_SUFFIXES,
  type DeviceTopicKind,
  deviceAccess,
  deviceTopic,
} from '@infoscreen/shared-types';
import { availableBrokers, connectMqtt, eventually } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';

/**
 * A screen with a certificate stays connected after it was revoked, until its link ends; what it says counts no more from
 * the moment in which its client is deleted.
 */
describe.each(availableBrokers())('a screen whose client is deleted while it is connected (%s)', (kind) => {
  let fixture: ListenerFixture;
  let opsPort: number;
  beforeAll(async () => {
    fixture = await startListenerFixture(kind);
    ({ opsPort } = await fixture.startReplica());
    await untilFlowing(fixture);
  });
  afterAll(() => fixture?.stop());

  const stateOf = (uuid: string) =>
    fixture.rows<Record<string, unknown>>(
      'SELECT * FROM clients c JOIN client_states s ON s.client_uuid = c.uuid WHERE uuid = $1',
      uuid,
    );
  const refusedTopics = async (uuid: string) =>
    (
      await fixture.rows<{ topic: string }>(
        "SELECT topic FROM rejected_messages WHERE client_uuid = $1 AND reason = 'unknown_client' ORDER BY topic",
        uuid,
      )
    ).map(({ topic }) => topic);
  const refusedCount = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
    const line = /^infoscreen_rejected_messages_total\{[^}]*reason="unknown_client"[^}]*\} (\d+)$/m.exec(
      metrics,
    );
    return Number(line?.[1] ?? 0);
  };

  it('is refused with every message, its last will too: a row and a count each, and nothing changes', async () => {
    const uuid = await fixture.addClient();
    const commandId = await addPublishedCommand(fixture, uuid);
    const account = await fixture.broker.addAccount({
      username: uuid,
      access: deviceAccess(uuid),
      clientId: uuid,
    });
    const presence = deviceTopic(uuid, 'presence');
    const screen = await connectMqtt({
      port: fixture.broker.port,
      clientId: uuid,
      ...account,
      will: {
        topic: presence,
        payload: Buffer.from(JSON.stringify({ online: false })),
        qos: 1,
        retain: true,
      },
    });
    await screen.publish(presence, { online: true, session_id: 's1' }, { retain: true });
    await eventually(async () => (await stateOf(uuid))[0]?.['presence_online'] === true);
    await fixture.rows('UPDATE clients SET deleted_at = now() WHERE uuid = $1', uuid);
    const before = { state: await stateOf(uuid), count: await refusedCount() };

    const payloads: Record<DeviceTopicKind, unknown> = {
      discovery: { uuid, hostname: 'back again' },
      heartbeat: { boot_id: 'b2', recent_results: [{ command_id: commandId, status: 'completed' }] },
      health: { process_status: 'crashed', boot_id: 'b2', failed_units: [{ unit: 'player' }] },
      service_failed: { unit: 'player' },
      presence: { online: true, session_id: 's2' },
      command_ack: { command_id: commandId, status: 'completed', boot_id: 'b2' },
      command_ack_legacy: { command_id: commandId, status: 'completed' },
    };
    const kinds = Object.keys(DEVICE_TOPIC_SUFFIXES) as DeviceTopicKind[];
    for (const each of kinds) await screen.publish(deviceTopic(uuid, each), payloads[each]);
    await screen.cut();

    // Heartbeat and health of one batch are one refusal of the client.
    const lanes = kinds.filter((each) => each !== 'heartbeat' && each !== 'health');
    const expected = [...lanes.map((each) => deviceTopic(uuid, each)), presence].sort();
    const telemetry = [deviceTopic(uuid, 'heartbeat'), deviceTopic(uuid, 'health')];
    await eventually(async () => {
      const topics = await refusedTopics(uuid);
      // By number: presence comes twice, and the will last.
      const ofLanes = topics.filter((topic) => !telemetry.includes(topic));
      return ofLanes.length >= expected.length && ofLanes.length < topics.length;
    });
    const refused = await refusedTopics(uuid);
    expect(refused.filter((topic) => !telemetry.includes(topic))).toEqual(expected);
    expect((await refusedCount()) - before.count).toBe(refused.length);
    expect(await stateOf(uuid)).toEqual(before.state);
    expect(await fixture.rows('SELECT FROM health_samples WHERE client_uuid = $1', uuid)).toEqual([]);
    expect(await fixture.rows('SELECT FROM service_failures WHERE client_uuid = $1', uuid)).toEqual([]);
    expect(await fixture.rows('SELECT FROM client_boots WHERE client_uuid = $1', uuid)).toEqual([]);
    expect(
      await fixture.rows('SELECT status, late_outcome FROM client_commands WHERE command_id = $1', commandId),
    ).toEqual([{ status: 'published', late_outcome: null }]);
  });
});

async function addPublishedCommand(fixture: ListenerFixture, uuid: string): Promise<string> {
  const [row] = await fixture.rows<{ command_id: string }>(
    `INSERT INTO client_commands (command_id, client_uuid, action, status, requested_by, counts_for_lockout, created_at,
       expires_at, publish_attempt, publish_count, published_at)
     VALUES (gen_random_uuid(), $1, 'restart_app', 'published', 'a test', true, now(), now() + interval '1 hour', 1, 1, now())
     RETURNING command_id`,
    uuid,
  );
  return row?.command_id ?? '';
}
