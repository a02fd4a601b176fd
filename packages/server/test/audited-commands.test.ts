import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freshClient } from './audited-writes.ts';
import { useServer } from './server-fixture.ts';

const server = useServer();

/** Runs `work` while a transaction of the owner holds what these statements lock. */
async function whileHeld<T>(
  locks: readonly string[],
  work: (release: () => Promise<unknown>) => Promise<T>,
): Promise<T> {
  const owner = new pg.Client({ connectionString: server.ownerUrl() });
  await owner.connect();
  try {
    await owner.query('BEGIN');
    for (const lock of locks) await owner.query(lock);
    return await work(() => owner.query('COMMIT'));
  } finally {
    await owner.end();
  }
}
const clientLock = (uuid: string) =>
  `SELECT pg_advisory_xact_lock(hashtextextended('infoscreen command ' || '${uuid}', 0))`;

const restart = (uuid: string) => server.as('admin').post(`/api/clients/${uuid}/restart_app`);
const commandsOf = (uuid: string) =>
  server.asOwner('SELECT FROM client_commands WHERE client_uuid = $1', [uuid]);
const entriesOf = (uuid: string) =>
  server.asOwner<{ outcome: string; detail: unknown }>(
    "SELECT outcome, detail FROM audit_log WHERE target = $1 AND action = 'restartApp' ORDER BY id",
    [uuid],
  );

describe('a command of a user', () => {
  it('and its entry in the audit log are one commit: neither is there without the other', async () => {
    const uuid = await freshClient(server);
    const { status, body } = await restart(uuid);
    expect(status).toBe(202);
    const { commandId } = body.command;
    const commits = await server.asOwner<{ xmin: string }>(
      `SELECT xmin::text FROM client_command_events WHERE command_id = $1 AND to_status = 'queued'
       UNION ALL SELECT xmin::text FROM audit_log WHERE target = $2 AND action = 'restartApp'`,
      [commandId, uuid],
    );
    expect(commits).toEqual([commits[0], commits[0]]);
    expect(await entriesOf(uuid)).toEqual([
      { outcome: 'success', detail: { command_id: commandId, reason: null } },
    ]);
  });

  it('is not issued when its entry can not be stored', async () => {
    const uuid = await freshClient(server);
    const { status, body } = await whileHeld(['LOCK TABLE audit_log IN SHARE MODE'], () => restart(uuid));
    expect([status, body.code]).toEqual([503, 'unavailable']);
    expect(await commandsOf(uuid)).toEqual([]);
    expect(await entriesOf(uuid)).toEqual([]);
  });

  it('that has to wait for another one of its client is noted first, and not issued when it can’t be', async () => {
    const uuid = await freshClient(server);
    const { status, body } = await whileHeld(['LOCK TABLE audit_pending IN SHARE MODE'], () =>
      whileHeld([clientLock(uuid)], async (release) => {
        const answer = restart(uuid).then((response) => response);
        const noting = `SELECT FROM pg_stat_activity
          WHERE wait_event_type = 'Lock' AND query LIKE 'SELECT note_write_begun%' AND datname = current_database()`;
        await eventually(async () => (await server.asOwner(noting)).length === 1);
        await release();
        return answer;
      }),
    );
    expect([status, body.code]).toEqual([503, 'unavailable']);
    expect(await commandsOf(uuid)).toEqual([]);
  });

  it('that had to wait has its entry too, and leaves no note', async () => {
    const uuid = await freshClient(server);
    const { status, body } = await whileHeld([clientLock(uuid)], async (release) => {
      const answer = restart(uuid).then((response) => response);
      const notes = "SELECT FROM audit_pending WHERE target = $1 AND action = 'restartApp'";
      await eventually(async () => (await server.asOwner(notes, [uuid])).length === 1);
      expect(await commandsOf(uuid)).toEqual([]);
      await release();
      return answer;
    });
    expect(status).toBe(202);
    expect(await entriesOf(uuid)).toEqual([
      { outcome: 'success', detail: { command_id: body.command.commandId, reason: null } },
    ]);
    expect(await server.asOwner('SELECT FROM audit_pending WHERE target = $1', [uuid])).toEqual([]);
  });
});
