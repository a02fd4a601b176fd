import { randomUUID } from 'node:crypto';
import { createMetrics } from '@infoscreen/service-kit';
import { eventually } from '@infoscreen/test-kit';
import { describe, expect, it } from '@jest/globals';
import { createChangeFeed, type FeedSubscriber } from '../src/events/change-feed.ts';
import { logger, useServer } from './server-fixture.ts';

const FOUR_A_SECOND_MS = 250;
const server = useServer();

function makeFeed(digest: () => string = () => '') {
  const told: string[] = [];
  let resets = 0;
  let looks = 0;
  const { pool } = server.database;
  const feed = createChangeFeed({
    pool: {
      query: (text: string, values?: unknown[]) => {
        if (text.includes('FROM change_log')) looks += 1;
        return pool.query(text, values);
      },
    } as typeof pool,
    logger,
    metrics: createMetrics({ service: 'server', instance: 'server-1' }),
    systemDigest: async () => digest(),
  });
  const subscriber: FeedSubscriber = {
    tell: (changes) => told.push(...changes.map(({ client_uuid }) => client_uuid)),
    tellSystem: () => told.push('system'),
    reset: () => {
      resets += 1;
    },
  };
  return { feed, subscriber, told, resets: () => resets, looks: () => looks };
}
async function change(): Promise<string> {
  const uuid = randomUUID();
  await server.database.pool.query("INSERT INTO change_log (kind, client_uuid) VALUES ('client', $1)", [
    uuid,
  ]);
  return uuid;
}

describe('the feed of changes', () => {
  it('looks by itself, so that a change is told although its notification was lost', async () => {
    const { feed, subscriber, told } = makeFeed();
    feed.start();
    await feed.subscribe(subscriber);
    // Nobody listens, so nobody wakes it.
    const uuid = await change();
    await eventually(() => told.includes(uuid));
    await feed.stop();
  });

  it('looks at once when it is woken after a quiet while', async () => {
    const delays: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const { feed, subscriber, told } = makeFeed();
      feed.start();
      await feed.subscribe(subscriber);
      const uuid = await change();
      const wokenAt = performance.now();
      feed.wake();
      await eventually(() => told.includes(uuid), { intervalMs: 2 });
      delays.push(performance.now() - wokenAt);
      await feed.stop();
    }
    // The quickest of them, since a machine may be busy; one that waited first would take the whole pause each time.
    expect(Math.min(...delays)).toBeLessThan(FOUR_A_SECOND_MS / 2);
  });

  it('looks at most four times a second, however often it is woken', async () => {
    const { feed, subscriber, looks } = makeFeed();
    feed.start();
    await feed.subscribe(subscriber);
    const begunAt = performance.now();
    await eventually(
      () => {
        feed.wake();
        return looks() >= 5;
      },
      { intervalMs: 1 },
    );
    // A timer may be a little early.
    expect(performance.now() - begunAt).toBeGreaterThan(4 * FOUR_A_SECOND_MS - 20);
    await feed.stop();
  });

  it('begins for the first subscriber with what is true then, and tells all of the same afterwards', async () => {
    const { feed, subscriber, told } = makeFeed();
    const missed = await change();
    const first = await feed.subscribe(subscriber);
    const second = makeFeed();
    await feed.subscribe(second.subscriber);
    const uuid = await change();
    await feed.runOnce();
    expect([told, second.told]).toEqual([[uuid], [uuid]]);
    expect(told).not.toContain(missed);
    first.unsubscribe();
    await change();
    await feed.runOnce();
    expect(told).toEqual([uuid]);
    await feed.stop();
  });

  it('tells whoever subscribes while it reads all that comes after', async () => {
    const { feed, subscriber } = makeFeed();
    await feed.subscribe(subscriber);
    for (let round = 0; round < 20; round += 1) {
      const late = makeFeed();
      const reading = feed.runOnce();
      const subscribed = feed.subscribe(late.subscriber);
      const uuid = await change();
      await Promise.all([reading, subscribed]);
      await feed.runOnce();
      expect(late.told).toContain(uuid);
    }
    await feed.stop();
  });

  it('has everything read anew when more changed than it tells one by one', async () => {
    const { feed, subscriber, told, resets } = makeFeed();
    await feed.subscribe(subscriber);
    await server.database.pool.query(
      "INSERT INTO change_log (kind, client_uuid) SELECT 'client', gen_random_uuid() FROM generate_series(1, 1001)",
    );
    await feed.runOnce();
    expect([told, resets()]).toEqual([[], 1]);
    const uuid = await change();
    await feed.runOnce();
    expect(told).toEqual([uuid]);
    await feed.stop();
  });
});
