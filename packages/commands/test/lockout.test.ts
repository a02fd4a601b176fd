import { countLockout, issueCommand, lockoutJsonSql } from '@infoscreen/commands';
import type { LockoutView } from '@infoscreen/shared-types';
import { issueCommandNaively } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { createClient, request, requestOf, settings, useDatabase } from './fleet-fixture.ts';

const database = useDatabase(2);
const ROUNDS = Array.from({ length: 10 }, (_, round) => round);

const outcomes = async (requests: readonly Promise<{ readonly outcome: string }>[]) => {
  const counts: Record<string, number> = {};
  for (const { outcome } of await Promise.all(requests)) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

async function backdate(clientUuid: string, seconds: number) {
  await database.pool.query(
    'UPDATE client_commands SET created_at = created_at - make_interval(secs => $2) WHERE client_uuid = $1',
    [clientUuid, seconds],
  );
}

/** 20 requests for one client, which two replicas get at the same moment. @returns how many ended how */
async function raceOf20(issue: typeof issueCommand | typeof issueCommandNaively) {
  const uuid = await createClient(database.pool);
  const requests = Array.from({ length: 20 }, (_, index) => {
    const pool = database.pools[index % 2];
    if (pool === undefined) throw new Error('two replicas are needed');
    return issue({ pool }, settings, requestOf(uuid));
  });
  return outcomes(requests);
}

describe('the safety lockout', () => {
  it.each(ROUNDS)(
    'admits exactly 3 of 20 requests that two replicas get at the same moment (round %s)',
    async () => {
      expect(await raceOf20(issueCommand)).toEqual({ queued: 3, blocked_safety: 17 });
    },
  );

  it('is slipped past, in the same race, where the count comes before the lock', async () => {
    const admitted: number[] = [];
    for (const _round of ROUNDS) admitted.push((await raceOf20(issueCommandNaively))['queued'] ?? 0);
    expect(Math.max(...admitted)).toBeGreaterThan(3);
  });

  it('stores the one over as blocked_safety, with the time to wait, and never queues it', async () => {
    const uuid = await createClient(database.pool);
    for (let issued = 0; issued < 3; issued += 1) await request(database.pool, uuid, 'restart_app');
    const blocked = await request(database.pool, uuid, 'restart_app');
    if (blocked.outcome !== 'blocked_safety') throw new Error(blocked.outcome);
    expect(blocked.command).toMatchObject({
      status: 'blocked_safety',
      errorCode: 'safety_lockout',
      publishAttempt: 0,
    });
    expect(blocked.retryAfterSeconds).toBeGreaterThan(settings.lockoutWindowSeconds - 30);
    expect(blocked.retryAfterSeconds).toBeLessThanOrEqual(settings.lockoutWindowSeconds);
  });

  it('counts per client and per action, and lets shutdown_host pass', async () => {
    const uuid = await createClient(database.pool);
    const other = await createClient(database.pool);
    for (let issued = 0; issued < 3; issued += 1) await request(database.pool, uuid);
    expect((await request(database.pool, uuid, 'restart_app')).outcome).toBe('queued');
    expect((await request(database.pool, other)).outcome).toBe('queued');
    for (let issued = 0; issued < 5; issued += 1) {
      expect((await request(database.pool, uuid, 'shutdown_host')).outcome).toBe('queued');
    }
  });

  it('ends when the oldest command leaves the window, however many were blocked meanwhile', async () => {
    const uuid = await createClient(database.pool);
    for (let issued = 0; issued < 3; issued += 1) await request(database.pool, uuid);
    for (let blocked = 0; blocked < 5; blocked += 1)
      expect((await request(database.pool, uuid)).outcome).toBe('blocked_safety');
    await backdate(uuid, settings.lockoutWindowSeconds - 60);
    expect((await request(database.pool, uuid)).outcome).toBe('blocked_safety');
    await backdate(uuid, 61);
    expect((await request(database.pool, uuid)).outcome).toBe('queued');
  });

  it('leaves reserved places to others, and stores nothing then', async () => {
    const uuid = await createClient(database.pool);
    for (let issued = 0; issued < 2; issued += 1) await request(database.pool, uuid);
    const reserved = await issueCommand({ pool: database.pool }, settings, {
      clientUuid: uuid,
      action: 'reboot_host',
      reason: null,
      requestedBy: 'scheduler',
      requestedByUserId: null,
      requestId: null,
      idempotencyKey: null,
      source: 'recovery',
      reservedPlaces: 1,
    });
    expect(reserved.outcome).toBe('no_place_left');
    expect(
      await countLockout(database.pool, { clientUuid: uuid, action: 'reboot_host' }, settings),
    ).toMatchObject({ used: 2, remaining: 1 });
    const { rows } = await database.pool.query(
      'SELECT count(*)::int AS stored FROM client_commands WHERE client_uuid = $1',
      [uuid],
    );
    expect(rows[0].stored).toBe(2);
  });

  it('stores nothing for a client that doesn’t exist or was deleted', async () => {
    const uuid = await createClient(database.pool);
    await database.pool.query('UPDATE clients SET deleted_at = now() WHERE uuid = $1', [uuid]);
    expect((await request(database.pool, uuid)).outcome).toBe('client_not_found');
    expect((await request(database.pool, '00000000-0000-4000-8000-000000000000')).outcome).toBe(
      'client_not_found',
    );
  });

  it('is shown with the places that are left and the time at which the next becomes free', async () => {
    const uuid = await createClient(database.pool);
    const view = async ({ lockoutMaxCommands, lockoutWindowSeconds } = settings): Promise<LockoutView[]> => {
      const { rows } = await database.pool.query<{ json: string }>(
        `SELECT ${lockoutJsonSql('$1', '$2', '$3')} AS json`,
        [uuid, lockoutMaxCommands, lockoutWindowSeconds],
      );
      return JSON.parse(rows[0]?.json ?? '');
    };
    const shown = async (of = settings) => (await view(of))[0];
    expect(await view()).toEqual([
      { action: 'reboot_host', remaining: 3, free_at: null },
      { action: 'restart_app', remaining: 3, free_at: null },
    ]);
    const createdAt: number[] = [];
    for (const remaining of [2, 1, 0]) {
      const issued = await request(database.pool, uuid);
      if (issued.outcome !== 'queued') throw new Error(`it was ${issued.outcome}`);
      createdAt.push(issued.command.createdAt.getTime());
      const oldest = createdAt[0] ?? 0;
      expect(await shown()).toEqual({
        action: 'reboot_host',
        remaining,
        free_at: new Date(oldest + settings.lockoutWindowSeconds * 1000).toISOString(),
      });
    }
    await request(database.pool, uuid);
    expect((await shown())?.remaining).toBe(0);
    // With a smaller bound than what was issued, the second newest has to go first.
    expect(await shown({ ...settings, lockoutMaxCommands: 2 })).toMatchObject({
      remaining: 0,
      free_at: new Date((createdAt[1] ?? 0) + settings.lockoutWindowSeconds * 1000).toISOString(),
    });
  });
});
