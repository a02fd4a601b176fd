import { findCommand, type IssuedAndClaimed, issueAndClaim } from '@infoscreen/commands';
import { inTransaction } from '@infoscreen/prisma';
import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { createClient, outbox, RecordingBroker, requestOf, useDatabase } from './fleet-fixture.ts';

const database = useDatabase(2);
const broker = new RecordingBroker();
const ROUNDS = Array.from({ length: 10 }, (_, round) => round);

const replicas = () => database.pools.map((pool, index) => outbox(pool, broker, `server-${index}`));
const first = () => outbox(database.pool, broker);

function countOutcomes(results: readonly IssuedAndClaimed[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

const timelineOf = async (commandId: string) =>
  (await findCommand(database.pool, commandId))?.timeline.map(({ toStatus }) => toStatus);

const commandOf = (result: IssuedAndClaimed) => {
  if (!('command' in result)) throw new Error(result.outcome);
  return result.command;
};

describe('commands that are asked for together', () => {
  it('are stored together, each queued and then claimed by this process', async () => {
    const uuids = await Promise.all(Array.from({ length: 12 }, () => createClient(database.pool)));
    const issued = await Promise.all(uuids.map((uuid) => issueAndClaim(first(), requestOf(uuid))));
    expect(countOutcomes(issued)).toEqual({ queued: 12 });
    expect(issued.map((result) => commandOf(result).clientUuid)).toEqual(uuids);
    for (const result of issued) {
      expect(result.claimAskedAtMs).toBeLessThanOrEqual(performance.now());
      expect(commandOf(result)).toMatchObject({ status: 'publish_in_progress', publishAttempt: 1 });
      expect(await timelineOf(commandOf(result).commandId)).toEqual(['queued', 'publish_in_progress']);
    }
  });

  it.each(ROUNDS)(
    'never slip past the lockout: exactly 3 of 20 for one client, by two replicas, among those for others (round %s)',
    async () => {
      const one = await createClient(database.pool);
      const others = await Promise.all(Array.from({ length: 6 }, () => createClient(database.pool)));
      const [left, right] = replicas();
      if (left === undefined || right === undefined) throw new Error('two replicas are needed');
      const forOne = Array.from({ length: 20 }, (_, n) =>
        issueAndClaim(n % 2 === 0 ? left : right, requestOf(one)),
      );
      const forOthers = others.map((uuid, n) => issueAndClaim(n % 2 === 0 ? left : right, requestOf(uuid)));
      expect(countOutcomes(await Promise.all(forOne))).toEqual({ queued: 3, blocked_safety: 17 });
      expect(countOutcomes(await Promise.all(forOthers))).toEqual({ queued: 6 });
    },
  );

  it('count for the lockout, and are blocked by it, one after the other too', async () => {
    const uuid = await createClient(database.pool);
    const outcomes: string[] = [];
    for (let n = 0; n < 4; n += 1) outcomes.push((await issueAndClaim(first(), requestOf(uuid))).outcome);
    expect(outcomes).toEqual(['queued', 'queued', 'queued', 'blocked_safety']);
  });

  it('stay queued while the broker is away, and behind an older command of their client', async () => {
    const away = new RecordingBroker();
    away.connected = false;
    const uuid = await createClient(database.pool);
    const older = await issueAndClaim(outbox(database.pool, away), requestOf(uuid));
    const younger = await issueAndClaim(first(), requestOf(uuid, 'restart_app'));
    for (const result of [older, younger]) {
      expect(result.claimAskedAtMs).toBeUndefined();
      expect(commandOf(result).status).toBe('queued');
    }
  });

  it('don’t wait for a client for which somebody else issues', async () => {
    const [held, free] = [await createClient(database.pool), await createClient(database.pool)];
    const waiting = await inTransaction(database.pool, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtextextended('infoscreen command ' || $1, 0))", [
        held,
      ]);
      const blocked = issueAndClaim(first(), requestOf(held));
      expect((await issueAndClaim(first(), requestOf(free))).outcome).toBe('queued');
      const { rows } = await client.query('SELECT FROM client_commands WHERE client_uuid = $1', [held]);
      expect(rows).toHaveLength(0);
      return { blocked };
    });
    expect((await waiting.blocked).outcome).toBe('queued');
  });

  it('are found again by their idempotency key, and refused for a client that there isn’t', async () => {
    const uuid = await createClient(database.pool);
    const [user] = (
      await database.pool.query<{ id: string }>(
        "INSERT INTO users (username, password_hash, role) VALUES ('again', 'x', 'admin') RETURNING id",
      )
    ).rows;
    const request = { ...requestOf(uuid), requestedByUserId: user?.id ?? null, idempotencyKey: 'once' };
    const issued = await issueAndClaim(first(), request);
    const replayed = await issueAndClaim(first(), request);
    expect(replayed.outcome).toBe('replayed');
    expect(commandOf(replayed).commandId).toBe(commandOf(issued).commandId);
    const nobody = requestOf('00000000-0000-4000-8000-000000000000');
    expect((await issueAndClaim(first(), nobody)).outcome).toBe('client_not_found');
    await eventually(async () => (await timelineOf(commandOf(issued).commandId))?.length === 2);
  });
});
