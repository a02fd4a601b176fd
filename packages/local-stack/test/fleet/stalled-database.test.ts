import { randomUUID } from 'node:crypto';
import { eventually, FIRST_ADMIN, logInAt } from '@infoscreen/test-kit';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BehindProxies, startBehindProxies } from './behind-proxies.ts';

/** The API user gives up after 15 s, so an answer is also a bound. */
describe('a server whose database stands still', () => {
  let behind: BehindProxies;
  beforeEach(async () => {
    behind = await startBehindProxies();
  });
  afterEach(() => behind.stop());

  const addClient = async () => {
    const uuid = randomUUID();
    await behind.pool.query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
    await behind.pool.query("UPDATE client_states SET boot_id = 'boot-1' WHERE client_uuid = $1", [uuid]);
    return uuid;
  };

  it('answers a command with 503 in a bounded time, and works again when the database does', async () => {
    const server = await behind.start('server');
    const admin = await logInAt(server.url, FIRST_ADMIN.username, FIRST_ADMIN.password);
    const uuid = await addClient();
    behind.database.proxy.stall();
    const answer = await admin.call('POST', `/api/clients/${uuid}/restart_app`, {});
    expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
    expect(answer.json.detail).toBe('The database does not answer.');
    behind.database.proxy.resume();
    await eventually(
      async () => (await admin.call('POST', `/api/clients/${uuid}/restart_app`, {})).status === 202,
    );
  }, 90_000);

  it('answers 202 for a command that was committed before, with what it knows of it', async () => {
    const server = await behind.start('server');
    const admin = await logInAt(server.url, FIRST_ADMIN.username, FIRST_ADMIN.password);
    const uuid = await addClient();
    behind.broker.proxy.stall();
    const asked = admin.call('POST', `/api/clients/${uuid}/restart_app`, {});
    // Others see the commit before the server has the answer to it.
    await eventually(() => server.process.logRecords().some(({ message }) => message === 'command issued'));
    behind.database.proxy.stall();
    const answer = await asked;
    expect(answer.status).toBe(202);
    const { rows } = await behind.pool.query('SELECT command_id FROM client_commands');
    expect(answer.json.command.commandId).toBe(rows[0]?.command_id);
  }, 90_000);
});
