import { randomUUID } from 'node:crypto';
import { DISCOVERY_ALIAS_TOPIC } from '@infoscreen/shared-types';
import { availableBrokers, eventually } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';

describe.each(availableBrokers())('a message of a device (%s)', (kind) => {
  let fixture: ListenerFixture;
  beforeAll(async () => {
    fixture = await startListenerFixture(kind);
    await fixture.startReplica();
    await untilFlowing(fixture);
  });
  afterAll(() => fixture.stop());

  const stateOf = async (uuid: string) => {
    const [row] = await fixture.rows<Record<string, unknown>>(
      'SELECT * FROM clients c JOIN client_states s ON s.client_uuid = c.uuid WHERE uuid = $1',
      uuid,
    );
    return row;
  };
  const rejectionOf = (uuid: string) =>
    eventually(
      async () =>
        (
          await fixture.rows<{ reason: string; topic: string; payload_bytes: number }>(
            'SELECT reason, topic, payload_bytes FROM rejected_messages WHERE client_uuid = $1',
            uuid,
          )
        )[0],
    );
  /** Until later messages of the same client are stored, one of each way into the database, so that an earlier one must be. */
  const settle = async (uuid: string) => {
    const unit = randomUUID();
    await fixture.publish(uuid, 'discovery', { uuid, model: unit });
    await eventually(
      async () => (await fixture.rows('SELECT FROM clients WHERE model = $1', unit)).length === 1,
    );
    await fixture.publish(uuid, 'service_failed', { unit });
    await eventually(
      async () => (await fixture.rows('SELECT FROM service_failures WHERE unit = $1', unit)).length === 1,
    );
  };

  describe('discovery', () => {
    it('makes a client, and a later one brings what is known up to date', async () => {
      const uuid = randomUUID();
      await fixture.publish(uuid, 'discovery', { uuid, hostname: 'lobby', ip: '10.0.0.1', boot_id: 'b1' });
      await eventually(async () => (await stateOf(uuid))?.['boot_id'] === 'b1');
      expect(await stateOf(uuid)).toMatchObject({ hostname: 'lobby', pending: false, last_alive: null });
      expect((await stateOf(uuid))?.['last_message_at']).toBeInstanceOf(Date);
      await fixture.publish(uuid, 'discovery', { uuid, ip: '10.0.0.2' });
      await eventually(async () => (await stateOf(uuid))?.['ip'] === '10.0.0.2');
      expect(await stateOf(uuid)).toMatchObject({ hostname: 'lobby', boot_id: 'b1' });
    });

    it('on the alias makes a pending client without a sign of life or a boot, and changes no known value', async () => {
      const uuid = randomUUID();
      await fixture.publishRaw(DISCOVERY_ALIAS_TOPIC, { uuid, hostname: 'old', boot_id: 'b1' });
      await eventually(() => stateOf(uuid));
      expect(await stateOf(uuid)).toMatchObject({
        pending: true,
        hostname: 'old',
        boot_id: null,
        last_message_at: null,
      });
      await fixture.publishRaw(DISCOVERY_ALIAS_TOPIC, { uuid, hostname: 'forged', model: 'm1' });
      await eventually(async () => (await stateOf(uuid))?.['model'] === 'm1');
      expect(await stateOf(uuid)).toMatchObject({ hostname: 'old' });
      await fixture.publish(uuid, 'discovery', { uuid, hostname: 'own' });
      await eventually(async () => (await stateOf(uuid))?.['pending'] === false);
      expect(await stateOf(uuid)).toMatchObject({ hostname: 'own' });
    });

    it('on the alias makes at most 1000 pending clients', async () => {
      const pending = await fixture.rows<{ uuid: string }>(
        'INSERT INTO clients (uuid, pending) SELECT gen_random_uuid(), true FROM generate_series(1, 1000) RETURNING uuid',
      );
      const uuid = randomUUID();
      await fixture.publishRaw(DISCOVERY_ALIAS_TOPIC, { uuid });
      expect(await rejectionOf(uuid)).toMatchObject({ reason: 'too_many_pending_clients' });
      expect(await stateOf(uuid)).toBeUndefined();
      await fixture.rows(
        'DELETE FROM clients WHERE uuid = ANY ($1)',
        pending.map((row) => row.uuid),
      );
    });

    it('does not bring a deleted client back', async () => {
      const uuid = await fixture.addClient();
      await fixture.rows('UPDATE clients SET deleted_at = now() WHERE uuid = $1', uuid);
      await fixture.publish(uuid, 'discovery', { uuid, hostname: 'ghost' });
      expect(await rejectionOf(uuid)).toMatchObject({ reason: 'unknown_client' });
      expect(await stateOf(uuid)).toMatchObject({ hostname: null, last_message_at: null });
    });
  });

  describe('heartbeat and health', () => {
    it('an empty heartbeat counts, also at QoS 0', async () => {
      const uuid = await fixture.addClient();
      await fixture.publish(uuid, 'heartbeat', '', { qos: 0 });
      await eventually(async () => (await stateOf(uuid))?.['last_alive']);
      const { last_alive, last_message_at } = (await stateOf(uuid)) as {
        last_alive: Date;
        last_message_at: Date;
      };
      expect(last_alive).toEqual(last_message_at);
      expect(Math.abs(Date.now() - last_alive.getTime())).toBeLessThan(60_000);
    });

    it('health is stored as state and as a sample, with the offset of the device clock', async () => {
      const uuid = await fixture.addClient();
      await fixture.publish(uuid, 'health', {
        timestamp: new Date(Date.now() - 3_600_000).toISOString(),
        process_status: 'crashed',
        process_name: 'player',
        process_pid: 42,
        app_version: '2.1',
        boot_id: 'b1',
        uptime_s: 12.5,
        metrics: { cpu_percent: 50, memory_percent: 60, disk_percent: 70, temperature_c: 40.5 },
        broker_connection: {
          connected: true,
          reconnect_count: 7,
          last_disconnect_at: '2026-01-02T03:04:05Z',
        },
      });
      await eventually(
        async () =>
          (await stateOf(uuid))?.['boot_id'] === 'b1' && (await stateOf(uuid))?.['app_version'] === '2.1',
      );
      expect(await stateOf(uuid)).toMatchObject({
        process_status: 'crashed',
        process_pid: 42,
        cpu_percent: 50,
        temperature_c: 40.5,
        mqtt_reconnect_count: 7,
        mqtt_last_disconnect_at: new Date('2026-01-02T03:04:05Z'),
      });
      const offset = (await stateOf(uuid))?.['clock_offset_ms'] as number;
      expect(Math.abs(offset + 3_600_000)).toBeLessThan(60_000);
      expect(
        await fixture.rows('SELECT cpu_percent FROM health_samples WHERE client_uuid = $1', uuid),
      ).toHaveLength(1);
    });

    it('tells a crash since the first report that says so, until one says otherwise', async () => {
      const uuid = await fixture.addClient();
      const aliveAt = (state: Record<string, unknown> | undefined) => Number(state?.['last_alive'] ?? 0);
      const after = async (payload: Record<string, unknown>) => {
        const before = await stateOf(uuid);
        await fixture.publish(uuid, 'heartbeat', payload);
        return eventually(async () => {
          const state = await stateOf(uuid);
          const isStored = aliveAt(state) > aliveAt(before);
          return isStored ? state : undefined;
        });
      };
      expect(await after({ process_status: 'running' })).toMatchObject({ crashed_at: null });
      const first = await after({ process_status: 'crashed' });
      expect(first).toMatchObject({ crashed_at: first['last_alive'] });
      for (const payload of [{ process_status: 'crashed' }, {}]) {
        expect(await after(payload)).toMatchObject({ crashed_at: first['crashed_at'] });
      }
      expect(await after({ process_status: 'starting' })).toMatchObject({ crashed_at: null });
      const second = await after({ process_status: 'crashed' });
      expect(second).toMatchObject({ crashed_at: second['last_alive'] });
    });

    it('of an unknown client is refused, and never stops the stream', async () => {
      const unknown = randomUUID();
      const known = await fixture.addClient();
      await fixture.publish(unknown, 'heartbeat', {});
      await fixture.publish(known, 'heartbeat', {});
      expect(await rejectionOf(unknown)).toMatchObject({ reason: 'unknown_client' });
      await eventually(async () => (await stateOf(known))?.['last_alive']);
      expect(await stateOf(unknown)).toBeUndefined();
    });

    it('does not wait for a client whose row somebody else holds', async () => {
      const [held, other] = [await fixture.addClient(), await fixture.addClient()];
      const client = await fixture.pool.connect();
      await client.query('BEGIN');
      await client.query('SELECT FROM client_states WHERE client_uuid = $1 FOR UPDATE', [held]);
      await fixture.publish(held, 'heartbeat', { process_status: 'running' });
      await fixture.publish(other, 'heartbeat', { process_status: 'running' });
      await eventually(async () => (await stateOf(other))?.['last_alive']);
      expect(await stateOf(held)).toMatchObject({ last_alive: null });
      await client.query('ROLLBACK');
      client.release();
      await eventually(async () => (await stateOf(held))?.['last_alive']);
    });

    it('a measurement next to nothing is stored as nothing', async () => {
      const uuid = await fixture.addClient();
      await fixture.publish(uuid, 'health', { metrics: { cpu_percent: 1e-300, temperature_c: -1e-60 } });
      await eventually(async () => (await stateOf(uuid))?.['last_health_at']);
      expect(await stateOf(uuid)).toMatchObject({ cpu_percent: 0, temperature_c: 0 });
    });

    it('a time that no calendar knows harms nobody', async () => {
      const uuid = await fixture.addClient();
      await fixture.publish(uuid, 'heartbeat', { timestamp: '0000-01-01T00:00:00Z' });
      await eventually(async () => (await stateOf(uuid))?.['last_alive']);
      expect(await stateOf(uuid)).toMatchObject({ clock_offset_ms: null });
    });
  });

  describe('presence', () => {
    const presenceOf = async (uuid: string) => {
      const state = await stateOf(uuid);
      return { online: state?.['presence_online'], session: state?.['presence_session_id'] };
    };

    it('is stored; the last will of an earlier session does not take a client offline', async () => {
      const uuid = await fixture.addClient();
      await fixture.publish(uuid, 'presence', { online: true, session_id: 's2' });
      await fixture.publish(uuid, 'presence', { online: false, session_id: 's1' });
      await settle(uuid);
      expect(await presenceOf(uuid)).toEqual({ online: true, session: 's2' });
      await fixture.publish(uuid, 'presence', { online: false, session_id: 's2', reason: 'power cut' });
      // A last word of its own: one that follows waits for it.
      await settle(uuid);
      expect(await presenceOf(uuid)).toEqual({ online: false, session: 's2' });
    });

    it('an offline one is no sign of life', async () => {
      const uuid = await fixture.addClient();
      await fixture.publish(uuid, 'presence', { online: false, session_id: 's1' });
      await eventually(async () => (await presenceOf(uuid)).online === false);
      expect(await stateOf(uuid)).toMatchObject({ last_message_at: null });
    });
  });

  describe('a refused message', () => {
    it.each([
      ['invalid_json', 'service_failed', '{"unit":'],
      ['invalid_payload', 'health', { process_status: 'excellent' }],
      ['invalid_payload', 'command_ack', { command_id: 'not one', status: 'completed' }],
      ['uuid_mismatch', 'discovery', { uuid: randomUUID() }],
      ['unknown_command', 'command_ack', { command_id: randomUUID(), status: 'completed' }],
      ['unknown_command', 'command_ack_legacy', { command_id: randomUUID(), status: 'accepted' }],
    ] as const)('is kept with its reason: %s on %s', async (reason, kind, payload) => {
      const uuid = await fixture.addClient();
      await fixture.publish(uuid, kind, payload);
      expect(await rejectionOf(uuid)).toMatchObject({ reason });
    });

    it('keeps the first kilobyte only, and at most 60 rows a minute of one client', async () => {
      const uuid = await fixture.addClient();
      for (let index = 0; index < 70; index += 1)
        await fixture.publish(uuid, 'service_failed', 'x'.repeat(40_000));
      await settle(uuid);
      const kept = await fixture.rows<{ reason: string; head: number }>(
        'SELECT reason, length(payload_head) AS head FROM rejected_messages WHERE client_uuid = $1',
        uuid,
      );
      expect(kept).toHaveLength(60);
      expect(kept[0]).toEqual({ reason: 'payload_too_large', head: 1024 });
    });

    it('on a topic whose UUID is none is refused once', async () => {
      const topic = `infoscreen/LOBBY-${randomUUID()}/service_failed`;
      await fixture.publishRaw(topic, { unit: 'a' });
      const count = () => fixture.rows('SELECT reason FROM rejected_messages WHERE topic = $1', topic);
      await eventually(async () => (await count()).length > 0);
      await settle(await fixture.addClient());
      expect(await count()).toEqual([{ reason: 'unknown_topic' }]);
    });
  });
});
