import { type CommandStatus, END_STATUSES } from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import { useServer } from './server-fixture.ts';

const server = useServer();
const viewer = () => server.as('viewer');
const admin = () => server.as('admin');

async function makeClient(group: string, hostname: string): Promise<string> {
  return (await admin().post('/api/clients', { body: { group, hostname } })).body.client.uuid;
}
async function makeCommand(clientUuid: string, action = 'restart_app'): Promise<string> {
  const { body } = await admin().post(`/api/clients/${clientUuid}/${action}`);
  return body.command.commandId;
}
const setStatus = (commandId: string, status: CommandStatus) =>
  server.database.pool.query(
    `UPDATE client_commands SET status = $2::text, finished_at = CASE WHEN $2 = ANY ($3::text[]) THEN now() END WHERE command_id = $1`,
    [commandId, status, END_STATUSES],
  );
const backdate = (commandId: string, seconds: number) =>
  server.database.pool.query(
    'UPDATE client_commands SET created_at = created_at - make_interval(secs => $2) WHERE command_id = $1',
    [commandId, seconds],
  );

describe('the commands of the fleet', () => {
  it('go from the newest to the oldest in pages, of all clients, with their host names', async () => {
    const [one, two] = [await makeClient('paged', 'one'), await makeClient('paged', 'two')];
    const ids: string[] = [];
    for (const uuid of [one, two, one, two, one]) ids.unshift(await makeCommand(uuid));
    const seen: { commandId: string; hostname: string }[] = [];
    let cursor: string | null = null;
    do {
      const query = { group: 'paged', limit: 2, ...(cursor === null ? {} : { cursor }) };
      const { body } = await viewer().get('/api/commands', { query });
      seen.push(...body.items);
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(seen.map(({ commandId }) => commandId)).toEqual(ids);
    expect(seen.map(({ hostname }) => hostname)).toEqual(['one', 'two', 'one', 'two', 'one']);
  });

  it('are filtered by statuses, action, who asked, client, group and time', async () => {
    const [uuid, other] = [await makeClient('filtered', 'one'), await makeClient('elsewhere', 'two')];
    const done = await makeCommand(uuid);
    const failed = await makeCommand(uuid, 'shutdown');
    const sent = await makeCommand(uuid, 'restart');
    const elsewhere = await makeCommand(other);
    await setStatus(done, 'completed');
    await setStatus(failed, 'failed');
    await backdate(done, 3600);
    await server.database.pool.query(
      "UPDATE client_commands SET requested_by = 'scheduler' WHERE command_id = $1",
      [sent],
    );
    const found = async (query: string) =>
      (await viewer().get(`/api/commands?${query}`)).body.items.map(
        ({ commandId }: { commandId: string }) => commandId,
      );
    const of = `client_uuid=${uuid}`;
    expect(await found(of)).toEqual([sent, failed, done]);
    expect(await found(`${of}&status=completed`)).toEqual([done]);
    expect(await found(`${of}&status=completed&status=failed`)).toEqual([failed, done]);
    expect(await found(`${of}&status=completed,failed`)).toEqual([failed, done]);
    expect(await found(`${of}&action=reboot_host`)).toEqual([sent]);
    expect(await found('group=filtered&requested_by=scheduler')).toEqual([sent]);
    expect(await found('group=elsewhere')).toEqual([elsewhere]);
    const halfAnHourAgo = new Date(Date.now() - 1_800_000).toISOString();
    expect(await found(`${of}&from=${halfAnHourAgo}`)).toEqual([sent, failed]);
    expect(await found(`${of}&to=${halfAnHourAgo}`)).toEqual([done]);
    const refused = await viewer().get('/api/commands?status=completed,lost');
    expect(refused.body.errors).toMatchObject([{ in: 'query', path: 'status.1' }]);
    expect((await viewer().get('/api/commands?cursor=abc')).body.errors).toMatchObject([{ path: 'cursor' }]);
  });

  it('are still there when their client is deleted', async () => {
    const uuid = await makeClient('gone', 'gone');
    const commandId = await makeCommand(uuid);
    await admin().delete(`/api/clients/${uuid}`);
    const { body } = await viewer().get('/api/commands', { query: { client_uuid: uuid } });
    expect(body.items).toMatchObject([{ commandId, hostname: 'gone', errorCode: 'client_deleted' }]);
  });
});

describe('the commands of the fleet as CSV', () => {
  it('are all that fit, beyond what is read at a time, without a formula that a spreadsheet would run', async () => {
    const uuid = await makeClient('exported', '=SUM(A1)');
    await server.database.pool.query(
      `INSERT INTO client_commands (command_id, client_uuid, action, status, requested_by, reason, counts_for_lockout, created_at, expires_at, finished_at)
       SELECT gen_random_uuid(), $1, 'restart_app', 'completed', 'anna', '@of "many", ' || n, false,
              now() - make_interval(secs => n), now(), now() FROM generate_series(1, 1003) n`,
      [uuid],
    );
    const { headers, text } = await viewer().get('/api/commands', {
      query: { group: 'exported', format: 'csv', limit: 10 },
    });
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/csv/),
      'content-disposition': expect.stringMatching(/^attachment; filename=commands-\d{8}T\d{6}Z\.csv$/),
    });
    const lines = text.split('\r\n').slice(0, -1);
    expect(lines[0]).toMatch(/^\ufeff?commandId,createdAt,action,status,clientUuid,hostname/);
    expect(new Set(lines.slice(1).map((line) => line.slice(0, 36))).size).toBe(1003);
    expect(lines[1]).toContain(`,'=SUM(A1),anna,"'@of ""many"", 1",`);
  });

  it('are refused where the cursor is none, before the file begins', async () => {
    const { status, body } = await viewer().get('/api/commands', { query: { format: 'csv', cursor: 'x' } });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
  });
});
