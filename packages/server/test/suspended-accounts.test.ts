import { availableBrokers, ConnectionRefused, connectMqtt, eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { FIND_PENDING } from '../src/broker-accounts/account-admin.ts';
import { reconcileBrokerAccounts } from '../src/broker-accounts/reconcile-broker-accounts.ts';
import { useAccountBroker } from './account-replica.ts';
import { logger, seal, useServer } from './server-fixture.ts';

interface Screen {
  readonly username: string;
  readonly password: string;
}

describe.each(availableBrokers())('the account of a screen that floods (%s)', (kind) => {
  const server = useServer();
  const at = useAccountBroker(server, kind);

  const make = async () => (await at.admin.post('/api/clients', { body: {} })).body.mqtt as Screen;
  const connect = ({ username, password }: Screen) =>
    connectMqtt({ port: at.broker.port, username, password, clientId: username });
  const isRefused = async (screen: Screen) => {
    try {
      await (await connect(screen)).end();
      return false;
    } catch (error) {
      if (error instanceof ConnectionRefused) return true;
      throw error;
    }
  };
  const query = (sql: string, ...values: unknown[]) => server.database.pool.query(sql, values);
  const suspend = ({ username }: Screen, seconds = 60) =>
    query(
      `UPDATE broker_accounts SET suspended_until = clock_timestamp() + make_interval(secs => $2)
       WHERE client_uuid = $1 AND desired = 'present'`,
      username,
      seconds,
    );
  const endTime = ({ username }: Screen) =>
    query(
      "UPDATE broker_accounts SET suspended_until = clock_timestamp() - interval '1 second' WHERE client_uuid = $1",
      username,
    );
  const rowOf = async ({ username }: Screen) =>
    (await query('SELECT * FROM broker_accounts WHERE client_uuid = $1', username)).rows[0];
  const untilSuspended = (screen: Screen) =>
    eventually(async () => (await rowOf(screen)).suspended_applied === true);
  const untilOpen = (screen: Screen) =>
    eventually(async () => (await rowOf(screen)).suspended_until === null, { what: 'it is open again' });
  const isDisabledAtBroker = async ({ username }: Screen) => {
    const [answer] = await at.control.run({ command: 'getClient', username });
    return (answer?.data as { client?: { disabled?: boolean } } | undefined)?.client?.disabled === true;
  };

  it('is disabled: its connection is cut, and nobody gets in, until the time is over; others notice nothing', async () => {
    const flooder = await make();
    const screen = await connect(flooder);
    const neighbour = await connect(await make());
    const { pid } = at.broker;
    await suspend(flooder);
    await screen.closed({ deadlineMs: 5000 });
    await untilSuspended(flooder);
    expect(await isRefused(flooder)).toBe(true);
    const { body } = await at.admin.get(`/api/clients/${flooder.username}`);
    expect(new Date(body.suspended_until).getTime()).toBeGreaterThan(Date.now());
    const system = (await at.admin.get('/api/monitoring/system')).body;
    expect(system.broker.suspended_clients).toEqual([flooder.username]);
    expect(system.problems).toContain(
      `Screen ${flooder.username} floods: its account at the broker is disabled for a while.`,
    );
    await endTime(flooder);
    await untilOpen(flooder);
    expect(await isRefused(flooder)).toBe(false);
    expect((await at.admin.get(`/api/clients/${flooder.username}`)).body.suspended_until).toBeNull();
    expect(neighbour.isConnected() && at.broker.pid === pid).toBe(true);
    await neighbour.end();
  });

  it('that was suspended for longer meanwhile stays so to the later time', async () => {
    const flooder = await make();
    await suspend(flooder);
    await untilSuspended(flooder);
    await endTime(flooder);
    await suspend(flooder);
    // What is made after it is applied after it, or together with it.
    await make();
    expect(await isRefused(flooder)).toBe(true);
    await endTime(flooder);
    await untilOpen(flooder);
    expect(await isDisabledAtBroker(flooder)).toBe(false);
  });

  it('takes a new password, and stays suspended: a flood is not cured by that', async () => {
    const flooder = await make();
    await suspend(flooder);
    await untilSuspended(flooder);
    const { body } = await at.admin.post(`/api/clients/${flooder.username}/rotate_credentials`);
    expect(body.mqtt.applied).toBe(true);
    const renewed = body.mqtt as Screen;
    expect([await isRefused(flooder), await isRefused(renewed)]).toEqual([true, true]);
    await endTime(flooder);
    await untilOpen(flooder);
    expect([await isRefused(flooder), await isRefused(renewed)]).toEqual([true, false]);
  });

  it('ends as both want it, when it is suspended and rotated at the same time', async () => {
    const screens = await Promise.all(Array.from({ length: 8 }, make));
    const renewed = await Promise.all(
      screens.map(async (screen) => {
        const [{ body }] = await Promise.all([
          at.admin.post(`/api/clients/${screen.username}/rotate_credentials`),
          suspend(screen),
        ]);
        return body.mqtt as Screen;
      }),
    );
    for (const screen of renewed) {
      await untilSuspended(screen);
      expect(await isRefused(screen)).toBe(true);
    }
    await Promise.all(screens.map(endTime));
    for (const screen of renewed) {
      await untilOpen(screen);
      expect(await isRefused(screen)).toBe(false);
    }
  });

  it('is gone when it is deleted, whatever came first, and nothing of the suspension is left', async () => {
    const screens = await Promise.all(Array.from({ length: 8 }, make));
    await Promise.all(
      screens.map((screen, index) =>
        index % 2 === 0
          ? Promise.all([suspend(screen), at.admin.delete(`/api/clients/${screen.username}`)])
          : untilDeleted(screen),
      ),
    );
    for (const screen of screens) {
      await eventually(async () => {
        const row = await rowOf(screen);
        return row.applied_version === row.version && row.last_error === null;
      });
      expect(await rowOf(screen)).toMatchObject({
        desired: 'absent',
        suspended_until: null,
        suspended_applied: false,
      });
      const [answer] = await at.control.ask([{ command: 'getClient', username: screen.username }]);
      expect(answer?.error).toMatch(/not found/i);
    }
  });
  const untilDeleted = async (screen: Screen) => {
    await suspend(screen);
    await untilSuspended(screen);
    await at.admin.delete(`/api/clients/${screen.username}`);
    expect((await suspend(screen)).rowCount).toBe(0);
  };

  it('is suspended again by whoever has lost or changed it at the broker, and open where it should be', async () => {
    const [lost, enabled, quiet] = [await make(), await make(), await make()];
    for (const screen of [lost, enabled]) await suspend(screen);
    for (const screen of [lost, enabled]) await untilSuspended(screen);
    await at.control.run(
      { command: 'deleteClient', username: lost.username },
      { command: 'deleteRole', rolename: `device-${lost.username}` },
      { command: 'enableClient', username: enabled.username },
      { command: 'disableClient', username: quiet.username },
    );
    await at.control.end();
    await at.broker.restart();
    await at.connectControl();
    await eventually(async () => !(await isRefused(quiet)), { deadlineMs: 20_000 });
    for (const screen of [lost, enabled]) {
      await eventually(async () => {
        const [answer] = await at.control.ask([{ command: 'getClient', username: screen.username }]);
        return answer?.error === undefined && (await isDisabledAtBroker(screen));
      });
      expect(await isRefused(screen)).toBe(true);
      await endTime(screen);
      await untilOpen(screen);
      expect(await isRefused(screen)).toBe(false);
    }
  });

  it('is suspended late rather than never, when the broker was away', async () => {
    const flooder = await make();
    await at.control.end();
    await at.broker.kill('SIGKILL');
    await suspend(flooder, 600);
    await at.broker.restart();
    await at.connectControl();
    await eventually(() => isRefused(flooder), { deadlineMs: 20_000 });
  });

  it('that floods again in the moment in which the broker is told to open it is closed by the next run', async () => {
    const flooder = await make();
    await suspend(flooder);
    await untilSuspended(flooder);
    await at.replica.stop();
    await endTime(flooder);
    const told: unknown[] = [];
    const runOnce = (meanwhile: () => Promise<unknown>) =>
      reconcileBrokerAccounts(
        {
          db: server.database.pool,
          seal,
          logger,
          services: [],
          clearPresence: async () => {},
          control: {
            ask: async (commands) => {
              const changes = commands
                .map(({ command }) => command)
                .filter((name) => !name.startsWith('get'));
              told.push(...changes);
              if (changes.length > 0) await meanwhile();
              return await at.control.ask(commands);
            },
          },
        },
        'pending',
      );
    await runOnce(() => suspend(flooder));
    expect(told).toEqual(['enableClient']);
    expect(await rowOf(flooder)).toMatchObject({
      suspended_until: expect.any(Date),
      suspended_applied: false,
    });
    await runOnce(async () => {});
    expect(told).toEqual(['enableClient', 'disableClient']);
    expect(await rowOf(flooder)).toMatchObject({ suspended_applied: true });
    expect(await isRefused(flooder)).toBe(true);
  });
});

describe('the look for accounts of which the broker has to be told', () => {
  const server = useServer();

  it('is one read of an index that has only what is suspended or pending', async () => {
    await server.database.pool.query(
      `WITH made AS (INSERT INTO clients (uuid) SELECT gen_random_uuid() FROM generate_series(1, 5000) RETURNING uuid)
       INSERT INTO broker_accounts (client_uuid, password_sealed, version, applied_version)
       SELECT uuid, 'x', 1, 1 FROM made`,
    );
    await server.database.pool.query('ANALYZE broker_accounts');
    const { rows } = await server.database.pool.query<Record<string, string>>(
      `EXPLAIN (ANALYZE, BUFFERS) ${FIND_PENDING.replace('$1', 'false')}`,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/broker_accounts_pending_idx/);
  });
});
