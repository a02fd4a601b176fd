import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import process from 'node:process';
import { deviceTopic, SERVICE_NAMES, type ServiceName } from '@infoscreen/shared-types';
import { connectMqtt, eventually, FIRST_ADMIN, logInAt } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BehindProxies, type StartedService, startBehindProxies } from './behind-proxies.ts';

describe('a service that is asked to stop', () => {
  let behind: BehindProxies;
  beforeEach(async () => {
    behind = await startBehindProxies();
  });
  afterEach(() => behind.stop());

  /** SIGTERM; a clean exit code says that it took no longer than the ten seconds that it gives itself. */
  const stopped = async ({ process: service }: StartedService) => {
    await service.kill('SIGTERM');
    const { code } = await service.ended;
    return { code, last: service.logRecords().at(-1)?.['message'] };
  };
  const CLEAN = { code: 0, last: 'service stopped' };
  const addClient = async () => {
    const uuid = randomUUID();
    await behind.pool.query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
    await behind.pool.query("UPDATE client_states SET boot_id = 'boot-1' WHERE client_uuid = $1", [uuid]);
    return uuid;
  };
  const queueCommand = async (clientUuid: string) => {
    const id = randomUUID();
    await behind.pool.query(
      `INSERT INTO client_commands (command_id, client_uuid, action, status, requested_by, counts_for_lockout, boot_id,
         created_at, expires_at, next_publish_at)
       VALUES ($1, $2, 'restart_app', 'queued', 'anna', true, 'boot-1', now(), now() + interval '4 minutes', now())`,
      [id, clientUuid],
    );
    return id;
  };
  const statusOf = async (commandId: string) =>
    (await behind.pool.query('SELECT status FROM client_commands WHERE command_id = $1', [commandId])).rows[0]
      ?.status;

  /** Running, and knowing that its database doesn't answer. */
  const startOverStalledDatabase = async (name: ServiceName) => {
    const service = await behind.start(name);
    behind.database.proxy.stall();
    await eventually(async () => (await service.metric('infoscreen_database_up{')) === 0, {
      deadlineMs: 15_000,
    });
    return service;
  };

  it('is not ready any more, finishes a request under way and ends open connections: the server', async () => {
    const server = await behind.start('server');
    const admin = await logInAt(server.url, FIRST_ADMIN.username, FIRST_ADMIN.password);
    const uuid = await addClient();
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
    const idleEnded = new Promise((resolve) => idle.once('close', resolve));
    idle.on('error', () => {});
    // The broker's acknowledgement doesn't come, so this request lasts.
    behind.broker.proxy.stall();
    const answer = admin.call('POST', `/api/clients/${uuid}/restart_app`, {});
    await eventually(async () => (await behind.pool.query('SELECT FROM client_commands')).rowCount === 1);
    const end = stopped(server);
    await eventually(async () => (await fetch(`${server.url}/readyz`)).status === 503, { intervalMs: 5 });
    expect((await answer).status).toBe(202);
    expect(await end).toEqual(CLEAN);
    await idleEnded;
  });

  it('leaves with the broker what a stalled database could not store: the listener', async () => {
    const listener = await behind.start('listener');
    await eventually(async () => {
      const { rows } = await behind.pool.query('SELECT acks_stored_at FROM listener_lanes');
      return rows.length > 0 && rows.every((row) => row.acks_stored_at !== null);
    });
    const account = await behind.testBroker.addAccount({
      username: 'devices',
      access: { publish: ['infoscreen/#'], subscribe: [], receive: [] },
    });
    const device = await connectMqtt({ port: behind.testBroker.port, clientId: 'devices', ...account });
    const uuids = await Promise.all(Array.from({ length: 20 }, addClient));
    behind.database.proxy.stall();
    for (const uuid of uuids)
      await device.publish(deviceTopic(uuid, 'service_failed'), { unit: 'player', failed_at: new Date() });
    const end = stopped(listener);
    await eventually(async () => (await fetch(`${listener.url}/readyz`)).status === 503);
    expect(await end).toEqual(CLEAN);
    behind.database.proxy.resume();
    await behind.start('listener');
    await eventually(
      async () => (await behind.pool.query('SELECT FROM service_failures')).rowCount === uuids.length,
      { deadlineMs: 30_000 },
    );
    await device.end();
  }, 60_000);

  it('leaves a command whose publish it could not finish to the next one: the scheduler', async () => {
    const scheduler = await behind.start('scheduler');
    behind.broker.proxy.stall();
    const commandId = await queueCommand(await addClient());
    await eventually(async () => (await statusOf(commandId)) === 'publish_in_progress');
    const end = stopped(scheduler);
    await eventually(async () => (await fetch(`${scheduler.url}/readyz`)).status === 503);
    expect(await end).toEqual(CLEAN);
    behind.broker.proxy.cut();
    behind.broker.proxy.resume();
    expect(await statusOf(commandId)).toBe('publish_in_progress');
    await behind.start('scheduler');
    await eventually(async () => (await statusOf(commandId)) === 'published', { deadlineMs: 30_000 });
  }, 60_000);

  it.each(SERVICE_NAMES)(
    'ends in order although its database stands still: %s',
    async (name) => {
      const service = await startOverStalledDatabase(name);
      expect(await stopped(service)).toEqual(CLEAN);
    },
    60_000,
  );

  it.each(SERVICE_NAMES)(
    'ends at once when it is asked a second time: %s',
    async (name) => {
      const service = await startOverStalledDatabase(name);
      process.kill(service.process.pid, 'SIGTERM');
      await eventually(() =>
        service.process.logRecords().some(({ message }) => message === 'service stopping'),
      );
      await service.process.kill('SIGTERM');
      expect((await service.process.ended).code).toBe(1);
      expect(service.process.logRecords().some(({ message }) => message === 'service stopped')).toBe(false);
    },
    60_000,
  );
});
