import { randomUUID } from 'node:crypto';
import { eventually, mosquittoAvailable } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ListenerFixture, startListenerFixture, untilFlowing } from './listener-fixture.ts';
import { publishedCommand } from './published-command.ts';

const MANY = 200;

describe('discoveries and presences of many screens', () => {
  let fixture: ListenerFixture;
  beforeAll(async () => {
    fixture = await startListenerFixture(mosquittoAvailable() ? 'mosquitto' : 'embedded');
    await fixture.startReplica();
    await untilFlowing(fixture);
  });
  afterAll(() => fixture?.stop());

  const addClients = (count: number) => Promise.all(Array.from({ length: count }, () => fixture.addClient()));
  const discover = (uuid: string, over: object = {}) =>
    fixture.publish(uuid, 'discovery', { uuid, hostname: `screen-${uuid}`, boot_id: 'b1', ...over });
  const rowOf = async (uuid: string) => {
    const [row] = await fixture.rows<Record<string, unknown>>(
      'SELECT c.*, c.xmin::text AS version, s.* FROM clients c JOIN client_states s ON s.client_uuid = c.uuid WHERE c.uuid = $1',
      uuid,
    );
    return row;
  };
  const rejectionsOf = (uuid: string) =>
    fixture.rows<{ reason: string }>('SELECT reason FROM rejected_messages WHERE client_uuid = $1', uuid);

  it('are stored in batches: far fewer transactions than messages', async () => {
    const uuids = await addClients(MANY);
    const held = await fixture.pool.connect();
    // Until all of them are there, none can be written.
    await held.query('BEGIN');
    await held.query('LOCK TABLE clients IN ACCESS EXCLUSIVE MODE');
    await Promise.all(
      uuids.flatMap((uuid) => [
        discover(uuid),
        fixture.publish(uuid, 'presence', { online: true, session_id: 's1' }),
      ]),
    );
    await held.query('ROLLBACK');
    held.release();
    await eventually(async () => {
      const rows = await fixture.rows(
        `SELECT FROM client_states s JOIN clients c ON c.uuid = s.client_uuid WHERE uuid = ANY ($1) AND presence_online
           AND boot_id = 'b1' AND hostname = 'screen-' || uuid AND last_message_at IS NOT NULL`,
        uuids,
      );
      return rows.length === MANY;
    });
    const [written] = await fixture.rows<{ transactions: number }>(
      'SELECT count(DISTINCT xmin::text)::int AS transactions FROM client_states WHERE client_uuid = ANY ($1)',
      uuids,
    );
    expect(written?.transactions).toBeLessThan(MANY / 4);
  });

  it('that tell nothing new leave the row of the client as it is, and are a sign of life all the same', async () => {
    const uuid = await fixture.addClient();
    await discover(uuid);
    await eventually(async () => (await rowOf(uuid))?.['boot_id'] === 'b1');
    const before = await rowOf(uuid);
    await fixture.rows('UPDATE client_states SET last_message_at = NULL WHERE client_uuid = $1', uuid);
    await discover(uuid);
    await eventually(async () => (await rowOf(uuid))?.['last_message_at']);
    const after = await rowOf(uuid);
    expect([after?.['version'], after?.['updated_at']]).toEqual([
      before?.['version'],
      before?.['updated_at'],
    ]);
  });

  it('do not wait for a client whose row somebody else holds, and store that one when it is free', async () => {
    const [held, other] = [await fixture.addClient(), await fixture.addClient()];
    const holder = await fixture.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM clients WHERE uuid = $1 FOR UPDATE', [held]);
    await Promise.all([discover(held), discover(other)]);
    await eventually(async () => (await rowOf(other))?.['boot_id'] === 'b1');
    expect(await rowOf(held)).toMatchObject({ hostname: null, boot_id: null });
    await holder.query('COMMIT');
    holder.release();
    await eventually(async () => (await rowOf(held))?.['boot_id'] === 'b1');
  });

  it('do not bring a client back that is deleted in the same moment', async () => {
    const uuid = await fixture.addClient();
    const holder = await fixture.pool.connect();
    await holder.query('BEGIN');
    await holder.query('UPDATE clients SET deleted_at = now() WHERE uuid = $1', [uuid]);
    await discover(uuid);
    const other = await fixture.addClient();
    await discover(other);
    await eventually(async () => (await rowOf(other))?.['boot_id'] === 'b1');
    await holder.query('COMMIT');
    holder.release();
    await eventually(async () => (await rejectionsOf(uuid)).length === 1);
    expect(await rejectionsOf(uuid)).toEqual([{ reason: 'unknown_client' }]);
    expect(await rowOf(uuid)).toMatchObject({ hostname: null, boot_id: null, last_message_at: null });
  });

  it('are refused alone where the database does not take one of them', async () => {
    await fixture.asOwner(
      `CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.hostname = 'poison' THEN RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = 'poison'; END IF; RETURN NEW; END $$`,
    );
    await fixture.asOwner(
      'CREATE TRIGGER refuse_poison BEFORE UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION refuse_poison()',
    );
    const uuids = await addClients(20);
    const [poisoned = '', ...others] = uuids;
    await Promise.all([discover(poisoned, { hostname: 'poison' }), ...others.map((uuid) => discover(uuid))]);
    for (const uuid of others) await eventually(async () => (await rowOf(uuid))?.['boot_id'] === 'b1');
    await eventually(async () => (await rejectionsOf(poisoned)).length === 1);
    expect(await rejectionsOf(poisoned)).toEqual([{ reason: 'not_storable' }]);
    expect(await rowOf(poisoned)).toMatchObject({ hostname: null, boot_id: null });
    await fixture.asOwner('DROP TRIGGER refuse_poison ON clients');
  });

  it('record each new boot once, and one that is known already changes nothing', async () => {
    const uuid = await fixture.addClient();
    for (const boot of ['b1', 'b2', 'b1']) await discover(uuid, { boot_id: boot });
    await discover(uuid, { model: 'last', boot_id: undefined });
    await eventually(async () => (await rowOf(uuid))?.['model'] === 'last');
    expect(await rowOf(uuid)).toMatchObject({ boot_id: 'b2' });
    const boots = await fixture.rows(
      'SELECT boot_id FROM client_boots WHERE client_uuid = $1 ORDER BY 1',
      uuid,
    );
    expect(boots).toEqual([{ boot_id: 'b1' }, { boot_id: 'b2' }]);
  });

  it('prove a reboot and a shutdown, though the screen is back online at once', async () => {
    const [rebooted, shutDown] = [await fixture.addClient(), await fixture.addClient()];
    for (const uuid of [rebooted, shutDown]) {
      await discover(uuid, { boot_id: 'before' });
      await fixture.publish(uuid, 'presence', { online: true, session_id: 's1' });
      await eventually(async () => (await rowOf(uuid))?.['presence_online'] === true);
    }
    const reboot = await publishedCommand(fixture.pool, rebooted, 'reboot_host');
    const shutdown = await publishedCommand(fixture.pool, shutDown, 'shutdown_host');
    await fixture.rows(
      'UPDATE client_commands SET execution_started_at = now() WHERE command_id = $1',
      shutdown,
    );
    await discover(rebooted, { boot_id: 'after' });
    await Promise.all([
      fixture.publish(shutDown, 'presence', { online: false, session_id: 's1' }),
      fixture.publish(shutDown, 'presence', { online: true, session_id: 's2' }),
    ]);
    const proven = () =>
      fixture.rows('SELECT FROM client_commands WHERE command_id = ANY ($1) AND effect_observed', [
        reboot,
        shutdown,
      ]);
    await eventually(async () => (await proven()).length === 2);
    await eventually(async () => (await rowOf(shutDown))?.['presence_session_id'] === 's2');
    expect(await rowOf(rebooted)).toMatchObject({ boot_id: 'after' });
  });

  it('make new clients, each once, when two replicas hear of them while lanes change hands', async () => {
    const uuids = Array.from({ length: MANY }, () => randomUUID());
    const second = await fixture.startReplica('second');
    await Promise.all(uuids.map((uuid) => discover(uuid)));
    await second.stop();
    await Promise.all(uuids.map((uuid) => discover(uuid, { model: 'm2' })));
    await eventually(
      async () =>
        (
          await fixture.rows(
            "SELECT FROM clients c JOIN client_states s ON s.client_uuid = c.uuid WHERE uuid = ANY ($1) AND model = 'm2' AND boot_id = 'b1'",
            uuids,
          )
        ).length === MANY,
      { deadlineMs: 20_000 },
    );
  }, 60_000);
});
