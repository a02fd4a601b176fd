import { issueCommand } from '@infoscreen/commands';
import { recoverCrashedClients } from '@infoscreen/scheduler';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  createScreen,
  everythingAtWork,
  recoveryDeps,
  SentCommands,
  useDatabase,
} from './scheduler-fixture.ts';

const database = useDatabase();

beforeEach(async () => {
  await database.asOwner('TRUNCATE clients, crash_recoveries, client_commands, listener_lanes CASCADE');
  await everythingAtWork(database.pool);
});

const ladderOf = async (uuid: string) => {
  const { rows } = await database.pool.query(
    'SELECT attempts, step, exhausted_at, last_command_id FROM crash_recoveries WHERE client_uuid = $1',
    [uuid],
  );
  return rows[0];
};

/** Lets the backoff pass, and the command before it end without help. */
async function nextStep(uuid: string) {
  await database.pool.query(
    `UPDATE crash_recoveries SET next_at = now() - interval '1 second' WHERE client_uuid = $1`,
    [uuid],
  );
  await database.pool.query(
    `UPDATE client_commands SET status = 'completed', finished_at = now(), lease_until = NULL, created_at = created_at - interval '1 hour' WHERE client_uuid = $1`,
    [uuid],
  );
}

describe('crash recovery', () => {
  it('restarts the app of a crashed screen, as the scheduler, through the lifecycle', async () => {
    const uuid = await createScreen(database.pool, { processStatus: 'crashed' });
    const broker = new SentCommands();
    expect(await recoverCrashedClients(recoveryDeps(database.pool, broker))).toMatchObject({
      commanded: 1,
      waited: 0,
    });
    expect(broker.payloads).toMatchObject([
      { client_uuid: uuid, action: 'restart_app', requested_by: 'scheduler' },
    ]);
    const { rows } = await database.pool.query(
      'SELECT command_id, status, requested_by FROM client_commands',
    );
    expect(rows).toEqual([
      { command_id: (await ladderOf(uuid)).last_command_id, status: 'published', requested_by: 'scheduler' },
    ]);
  });

  it('restarts a screen that still talks although its heartbeat is stale', async () => {
    await createScreen(database.pool, { aliveSecondsAgo: 400, messageSecondsAgo: 10 });
    expect(await recoverCrashedClients(recoveryDeps(database.pool, new SentCommands()))).toMatchObject({
      commanded: 1,
    });
  });

  it.each([
    ['is well', {}],
    ['is offline by its presence', { processStatus: 'crashed', online: false }],
    [
      'has been silent past the grace',
      { processStatus: 'crashed', aliveSecondsAgo: 400, messageSecondsAgo: 400 },
    ],
  ] as const)('does not command a screen that %s', async (_, facts) => {
    await createScreen(database.pool, facts);
    expect(await recoverCrashedClients(recoveryDeps(database.pool, new SentCommands()))).toMatchObject({
      commanded: 0,
    });
  });

  it('is off unless it was switched on', async () => {
    await createScreen(database.pool, { processStatus: 'crashed' });
    const counts = await recoverCrashedClients(
      recoveryDeps(database.pool, new SentCommands(), { enabled: false }),
    );
    expect(counts).toMatchObject({ candidates: 1, commanded: 0 });
  });

  it('climbs the ladder: three restarts, one reboot, then exhausted and silent', async () => {
    const uuid = await createScreen(database.pool, { processStatus: 'crashed' });
    const broker = new SentCommands();
    for (let cycle = 0; cycle < 6; cycle += 1) {
      await recoverCrashedClients(recoveryDeps(database.pool, broker));
      expect(await recoverCrashedClients(recoveryDeps(database.pool, broker))).toMatchObject({
        commanded: 0,
      });
      await nextStep(uuid);
    }
    expect(broker.payloads.map(({ action }) => action)).toEqual([
      'restart_app',
      'restart_app',
      'restart_app',
      'reboot_host',
    ]);
    expect(await ladderOf(uuid)).toMatchObject({ step: 'exhausted', exhausted_at: expect.any(Date) });
  });

  it('leaves the last place of the lockout to a person, and stores no blocked command', async () => {
    const uuid = await createScreen(database.pool, { processStatus: 'crashed' });
    const deps = recoveryDeps(database.pool, new SentCommands());
    for (let issued = 0; issued < 2; issued += 1) {
      const byAnna = {
        requestedBy: 'anna',
        requestedByUserId: null,
        requestId: null,
        idempotencyKey: null,
        source: 'api',
      } as const;
      await issueCommand(deps, deps.settings, {
        clientUuid: uuid,
        action: 'restart_app',
        reason: null,
        ...byAnna,
      });
    }
    await database.pool.query(
      `UPDATE client_commands SET status = 'completed', finished_at = now(), lease_until = NULL`,
    );
    expect(await recoverCrashedClients(deps)).toMatchObject({ commanded: 0 });
    const { rows } = await database.pool.query('SELECT count(*)::int AS stored FROM client_commands');
    expect(rows[0].stored).toBe(2);
    expect(await ladderOf(uuid)).toMatchObject({ attempts: 0 });
  });

  it('waits while another command of the screen is under way', async () => {
    const uuid = await createScreen(database.pool, { processStatus: 'crashed' });
    const deps = recoveryDeps(database.pool, new SentCommands());
    const byAnna = {
      requestedBy: 'anna',
      requestedByUserId: null,
      requestId: null,
      idempotencyKey: null,
      source: 'api',
    } as const;
    await issueCommand(deps, deps.settings, {
      clientUuid: uuid,
      action: 'shutdown_host',
      reason: null,
      ...byAnna,
    });
    expect(await recoverCrashedClients(deps)).toMatchObject({ commanded: 0 });
  });

  it('takes a step once when two schedulers run it at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      await createScreen(database.pool, { processStatus: 'crashed' });
      const broker = new SentCommands();
      const both = await Promise.all(
        [1, 2].map(() => recoverCrashedClients(recoveryDeps(database.pool, broker))),
      );
      expect(both.reduce((sum, { commanded }) => sum + commanded, 0)).toBe(1);
      expect(broker.payloads).toHaveLength(1);
    }
  });

  it('reaches a crashed screen however many others are on a ladder', async () => {
    await database.pool.query(
      `WITH made AS (
         INSERT INTO clients (uuid) SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid FROM generate_series(1, 600) n
         RETURNING uuid
       ) INSERT INTO crash_recoveries (client_uuid, attempts, step, exhausted_at) SELECT uuid, 5, 'exhausted', now() FROM made`,
    );
    const uuid = await createScreen(database.pool, { processStatus: 'crashed' });
    const broker = new SentCommands();
    expect(await recoverCrashedClients(recoveryDeps(database.pool, broker))).toMatchObject({
      candidates: 601,
      commanded: 1,
    });
    expect(broker.payloads).toMatchObject([{ client_uuid: uuid }]);
  });

  it('goes on to the next screen when it fails with one, whose step is not lost', async () => {
    const [first, second] = [
      await createScreen(database.pool, { processStatus: 'crashed' }),
      await createScreen(database.pool, { processStatus: 'crashed' }),
    ].sort();
    await database.asOwner(`
      CREATE FUNCTION refuse_command() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.client_uuid = '${first}' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER refuse_command BEFORE INSERT ON client_commands FOR EACH ROW EXECUTE FUNCTION refuse_command()`);
    const broker = new SentCommands();
    expect(await recoverCrashedClients(recoveryDeps(database.pool, broker))).toMatchObject({
      commanded: 1,
      failed: 1,
    });
    await database.asOwner('DROP TRIGGER refuse_command ON client_commands; DROP FUNCTION refuse_command()');
    expect(broker.payloads).toMatchObject([{ client_uuid: second }]);
    expect(await ladderOf(first ?? '')).toMatchObject({ attempts: 0 });
  });

  it('forgets a screen that has been well for ten minutes', async () => {
    const uuid = await createScreen(database.pool, { processStatus: 'crashed' });
    const deps = recoveryDeps(database.pool, new SentCommands());
    await recoverCrashedClients(deps);
    await database.pool.query(`UPDATE client_states SET process_status = 'running'`);
    await recoverCrashedClients(deps);
    expect(await ladderOf(uuid)).toBeDefined();
    await database.pool.query(`UPDATE crash_recoveries SET healthy_since = now() - interval '10 minutes'`);
    await recoverCrashedClients(deps);
    expect(await ladderOf(uuid)).toBeUndefined();
  });
});
