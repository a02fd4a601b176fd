import { connectMqtt, eventually, type Fleet, mosquittoAvailable, startFleet } from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { send, untilEnded } from './command-steps.ts';

const suite = mosquittoAvailable() ? describe : describe.skip;

suite('a fleet over TLS whose screens have certificates', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ broker: 'certificates' });
  }, 90_000);
  afterAll(() => fleet?.stop());

  /** Rows, over a connection that ends with the answer. */
  const query = async (sql: string, values: readonly unknown[]) => {
    const client = new pg.Client({ connectionString: fleet.database.url });
    await client.connect();
    try {
      return await client.query(sql, [...values]);
    } finally {
      await client.end();
    }
  };

  it('reboots a screen that has no account: sent, answered, completed', async () => {
    const screen = await fleet.addScreen();
    const command = await untilEnded(fleet.admin, await send(fleet.admin, screen.uuid, 'restart'));
    expect(command).toMatchObject({ status: 'completed', errorCode: null });
    const { rows } = await query('SELECT FROM broker_accounts WHERE client_uuid = $1', [screen.uuid]);
    expect(rows).toEqual([]);
  }, 60_000);

  it('listens no more to a screen that was deleted, while it is still connected', async () => {
    const screen = await fleet.addScreen();
    expect((await fleet.admin.call('DELETE', `/api/clients/${screen.uuid}`)).status).toBe(204);
    const refusals = async () =>
      (
        await query(
          "SELECT topic FROM rejected_messages WHERE client_uuid = $1 AND reason = 'unknown_client'",
          [screen.uuid],
        )
      ).rows;
    await eventually(async () => (await refusals()).length > 0);
    expect(screen.isOnline).toBe(true);
    expect((await fleet.admin.call('GET', `/api/clients/${screen.uuid}`)).status).toBe(404);
  }, 60_000);

  it('takes nothing in clear', async () => {
    const inClear = { port: fleet.broker.port, clientId: 'in-clear', ...fleet.broker.service };
    await expect(connectMqtt(inClear)).rejects.toThrow();
  });
});
