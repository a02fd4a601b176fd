import { recoverCrashedClients, watchForOutage } from '@infoscreen/scheduler';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  createScreen,
  everythingAtWork,
  recovery,
  recoveryDeps,
  SentCommands,
  useDatabase,
} from './scheduler-fixture.ts';

const database = useDatabase();
const watch = (brokerConnected = true) =>
  watchForOutage({ pool: database.pool, brokerConnected, settings: recovery });

beforeEach(async () => {
  await database.asOwner('TRUNCATE clients, crash_recoveries, client_commands, listener_lanes CASCADE');
  await everythingAtWork(database.pool);
});

describe('recovery waits', () => {
  it('not while everything is at work', async () => {
    expect(await watch()).toEqual({ quiet: false });
  });

  it.each([
    ['a lane has no holder', `UPDATE listener_lanes SET holder = NULL, lease_until = NULL WHERE lane = 2`],
    [
      'the lease of a lane has lapsed',
      `UPDATE listener_lanes SET lease_until = now() - interval '1 second' WHERE lane = 2`,
    ],
    [
      'a lane stores no ACKs',
      `UPDATE listener_lanes SET acks_stored_at = now() - interval '1 minute' WHERE lane = 2`,
    ],
    ['a lane stores no telemetry', `UPDATE listener_lanes SET telemetry_stored_at = NULL WHERE lane = 2`],
    ['no listener has ever run', `DELETE FROM listener_lanes`],
  ])('while %s, and one grace period after', async (_, breakIt) => {
    await database.pool.query(breakIt);
    expect(await watch()).toMatchObject({ quiet: true });
    await database.pool.query('DELETE FROM listener_lanes');
    const { rows } = await database.pool.query('SELECT last_healthy_at FROM recovery_watch');
    expect(rows[0].last_healthy_at).toBeNull();
    await database.pool.query(
      `INSERT INTO listener_lanes (lane, holder, lease_until, acks_stored_at, telemetry_stored_at) VALUES (0, 'listener-1', now() + interval '1 hour', now(), now())`,
    );
    expect(await watch()).toEqual({ quiet: true, reason: 'one grace period after an outage' });
    await database.pool.query(`UPDATE recovery_watch SET quiet_until = now() - interval '1 second'`);
    expect(await watch()).toEqual({ quiet: false });
  });

  it('while the broker is away, and one grace period after', async () => {
    expect(await watch(false)).toMatchObject({ quiet: true, reason: 'the broker is away' });
    expect(await watch()).toMatchObject({ quiet: true });
  });

  it('one grace period after a time in which no scheduler watched, as after an outage of the database', async () => {
    await database.pool.query(`UPDATE recovery_watch SET last_healthy_at = now() - interval '2 minutes'`);
    expect(await watch()).toMatchObject({ quiet: true });
    const { rows } = await database.pool.query(
      `SELECT extract(epoch FROM quiet_until - now())::float8 AS seconds FROM recovery_watch`,
    );
    expect(rows[0].seconds).toBeGreaterThan(recovery.graceSeconds - 30);
    expect(rows[0].seconds).toBeLessThanOrEqual(recovery.graceSeconds);
  });

  it('while a fifth of the screens, at least ten, went stale together', async () => {
    for (let screen = 0; screen < 40; screen += 1) await createScreen(database.pool);
    for (let screen = 0; screen < 9; screen += 1)
      await createScreen(database.pool, { aliveSecondsAgo: 200, messageSecondsAgo: 5 });
    expect(await watch()).toEqual({ quiet: false });
    await createScreen(database.pool, { aliveSecondsAgo: 200, messageSecondsAgo: 5 });
    expect(await watch()).toEqual({ quiet: true, reason: 'very many clients went stale together' });
    const counts = await recoverCrashedClients(recoveryDeps(database.pool, new SentCommands()));
    expect(counts).toMatchObject({ candidates: 10, commanded: 0, waited: 1 });
  });

  it('not for screens that went stale long ago', async () => {
    for (let screen = 0; screen < 20; screen += 1)
      await createScreen(database.pool, { aliveSecondsAgo: 4000, messageSecondsAgo: 4000 });
    expect(await watch()).toEqual({ quiet: false });
  });
});
