import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createMetrics, type Logger } from '@infoscreen/service-kit';
import { DISCOVERY_ALIAS_TOPIC } from '@infoscreen/shared-types';
import {
  availableBrokers,
  createLargeFleetDatabase,
  eventually,
  NOT_RECORDED,
  recordStatements,
  reportScans,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSuspension } from '../../src/rates/suspend-flooder.ts';
import { type ListenerFixture, startListenerFixture, untilFlowing } from '../listener-fixture.ts';

const [kind = 'embedded'] = availableBrokers();
const quiet = () => undefined;
const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => logger };
const recorder = recordStatements();
let fixture: ListenerFixture;
/** A client with commands that no screen has answered yet. */
let known: { client_uuid: string; command_id: string };

beforeAll(async () => {
  fixture = await startListenerFixture(kind, createLargeFleetDatabase);
  const [row] = await fixture.rows<typeof known>(
    `SELECT client_uuid, command_id FROM client_commands JOIN clients ON uuid = client_uuid
     WHERE status = 'published' AND deleted_at IS NULL LIMIT 1`,
  );
  if (row === undefined) throw new Error('the fleet has no published command');
  known = row;
}, 180_000);
afterAll(async () => {
  recorder.stop();
  await fixture.stop();
});

const until = (what: string, sql: string, ...values: unknown[]) =>
  eventually(async () => (await fixture.rows(`${NOT_RECORDED} ${sql}`, ...values)).length > 0, {
    what,
    deadlineMs: 20_000,
  });

/** One message of each kind, the rarer ways of each included. */
async function everyMessage(): Promise<void> {
  const { client_uuid: uuid, command_id: commandId } = known;
  const send = (topic: Parameters<ListenerFixture['publish']>[1], payload: unknown) =>
    fixture.publish(uuid, topic, payload);
  const stranger = randomUUID();
  await fixture.publishRaw(DISCOVERY_ALIAS_TOPIC, { uuid: stranger, hostname: 'old' });
  await until('the alias', 'SELECT FROM clients WHERE uuid = $1', stranger);
  await fixture.publishRaw(DISCOVERY_ALIAS_TOPIC, { uuid: stranger, hostname: 'old', model: 'm1' });
  await send('discovery', { uuid, hostname: 'lobby', boot_id: 'boot-new' });
  const recent = [{ command_id: commandId, status: 'execution_started' }];
  await send('heartbeat', { boot_id: 'boot-new', recent_results: recent });
  const failed = [{ unit: 'player.service', failed_at: new Date().toISOString() }];
  await send('health', {
    process_status: 'running',
    app_version: '9.9',
    metrics: { cpu_percent: 1 },
    failed_units: failed,
  });
  await send('presence', { online: true, session_id: 's' });
  await send('presence', { online: false, session_id: 's', reason: 'gone' });
  await send('command_ack', { command_id: commandId, status: 'completed' });
  await send('command_ack', { command_id: commandId, status: 'failed' });
  await send('service_failed', { unit: 'unclutter.service' });
  await fixture.publishRaw(`infoscreen/${uuid}/service_failed`, 'no JSON');
  await until(
    'the result',
    "SELECT FROM client_commands WHERE command_id = $1 AND status = 'completed'",
    commandId,
  );
  await until(
    'the failure',
    "SELECT FROM service_failures WHERE client_uuid = $1 AND unit = 'unclutter.service'",
    uuid,
  );
  await until('the health', 'SELECT FROM health_samples WHERE client_uuid = $1 AND cpu_percent = 1', uuid);
  await until('the rejection', 'SELECT FROM rejected_messages WHERE client_uuid = $1', uuid);
}

describe('with 100,000 clients', () => {
  it('every message is stored', async () => {
    await recorder.during('a message', async () => {
      await fixture.startReplica();
      await untilFlowing(fixture);
      await everyMessage();
      // Lanes of another number are taken over and retired.
      await fixture.startReplica('listener-other', 2);
      await untilFlowing(fixture, 2);
    });
  });

  it('who floods is suspended', async () => {
    const suspend = createSuspension({
      db: fixture.pool,
      logger,
      metrics: createMetrics({ service: 'listener', instance: 'listener-1' }),
    });
    const flood = { clientUuid: known.client_uuid, refused: 1000, refusedBytes: 1000 };
    await recorder.during('a flood', () => suspend(flood));
  });

  it('every file of the listener that asks the database has been seen to do so', () => {
    const folder = new URL('../../src/', import.meta.url);
    const asking = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(
        (file) => file.endsWith('.ts') && /\.query(<|\()/.test(readFileSync(new URL(file, folder), 'utf8')),
      )
      .map((file) => `packages/listener/src/${file}`);
    expect(asking.filter((file) => !recorder.sources.has(file))).toEqual([]);
  });

  it('no index has what a heartbeat changes: its updates stay HOT', async () => {
    const indexes = await fixture.rows("SELECT indexname FROM pg_indexes WHERE tablename = 'client_states'");
    expect(indexes).toEqual([{ indexname: 'client_states_pkey' }]);
  });

  it('no statement reads a whole large table', async () => {
    const { unexpected, plans } = await reportScans(fixture.ownerUrl, recorder, []);
    expect(unexpected).toEqual([]);
    expect(plans).toBeGreaterThan(25);
  });
});
