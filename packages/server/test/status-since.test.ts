import { randomUUID } from 'node:crypto';
import { eventually } from '@infoscreen/test-kit';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { tellStatusChanges } from '../src/events/tell-status-changes.ts';
import { useServer } from './server-fixture.ts';

const server = useServer();
const query = (sql: string, values: readonly unknown[] = []) => server.database.pool.query(sql, [...values]);
const compare = (pauseSeconds = 0) =>
  tellStatusChanges(server.database.pool, { graceSeconds: 180, pauseSeconds });
/** In seconds, a multiple of 20: what a test takes itself doesn't count. */
const agoSeconds = (time: string | null) =>
  time === null ? null : 20 * Math.floor((Date.now() - Date.parse(time) + 1000) / 20_000);

async function makeClient(state: string | null = null): Promise<string> {
  const uuid = randomUUID();
  await query("INSERT INTO clients (uuid, created_at) VALUES ($1, now() - interval '9000 s')", [uuid]);
  if (state !== null) await query(`UPDATE client_states SET ${state} WHERE client_uuid = $1`, [uuid]);
  return uuid;
}
/** Status and its age in seconds, as the detail tells them; the list must tell the same. */
async function sinceOf(uuid: string): Promise<[string, number | null]> {
  const detail = (await server.as('viewer').get(`/api/clients/${uuid}`)).body;
  const list = (await server.as('viewer').get('/api/clients', { query: { text: uuid } })).body.items;
  expect(list).toMatchObject([{ status: detail.status, status_since: detail.status_since }]);
  return [detail.status, agoSeconds(detail.status_since)];
}
const ago = (seconds: number) => `now() - interval '${seconds} s'`;
const WELL =
  "last_message_at = now(), last_alive = now(), process_status = 'running', presence_online = true";

/** As if this many seconds passed, in which the client was as it is and nobody compared. */
async function passUncompared(seconds: number): Promise<void> {
  await query('UPDATE told_statuses SET since = since - make_interval(secs => $1)', [seconds]);
  await query(
    `UPDATE status_comparison SET compared_at = compared_at - make_interval(secs => $1),
       unbroken_since = unbroken_since - make_interval(secs => $1)`,
    [seconds],
  );
}
/** As if this many seconds passed, with comparisons all the time. */
async function passCompared(seconds: number): Promise<void> {
  await passUncompared(seconds);
  await query('UPDATE status_comparison SET compared_at = clock_timestamp()');
}

beforeEach(async () => {
  await query('UPDATE status_comparison SET compared_at = NULL, unbroken_since = NULL');
  await query('DELETE FROM told_statuses');
});

describe('since when a client has its status, where a time of its own says so', () => {
  it.each([
    ['never_seen, since it was made', null, 'never_seen', 9000],
    [
      'unreachable, since the broker said that it is offline',
      `last_message_at = ${ago(80)}, presence_online = false, presence_at = ${ago(40)}`,
      'unreachable',
      40,
    ],
    ['unreachable, since its last message', `last_message_at = ${ago(400)}`, 'unreachable', 400],
    [
      'unreachable, since its last message, when it was said to be offline only after the grace',
      `last_message_at = ${ago(400)}, presence_online = false, presence_at = ${ago(40)}`,
      'unreachable',
      400,
    ],
    [
      'crashed, since its process said so',
      `${WELL.replace('running', 'crashed')}, crashed_at = ${ago(300)}`,
      'crashed',
      300,
    ],
    [
      'crashed, since its last heartbeat',
      `last_message_at = now(), last_alive = ${ago(500)}`,
      'crashed',
      500,
    ],
  ])('is known without a comparison: %s', async (_what, state, status, seconds) => {
    expect(await sinceOf(await makeClient(state))).toEqual([status, seconds]);
  });

  it('is of a degraded one the report of its oldest open failure, by the clock of the server', async () => {
    const uuid = await makeClient(WELL);
    const fail = (unit: string, failedAgo: number, reportedAgo: number, cleared: boolean) =>
      query(
        `INSERT INTO service_failures (client_uuid, unit, failed_at, reported_at, cleared_at)
         VALUES ($1, $2, ${ago(failedAgo)}, ${ago(reportedAgo)}, CASE WHEN $3 THEN now() END)`,
        [uuid, unit, cleared],
      );
    await fail('a', 8000, 800, true);
    await fail('b', 7000, 700, false);
    await fail('c', 10, 600, false);
    expect(await sinceOf(uuid)).toEqual(['degraded', 700]);
  });

  it('is of a degraded one the end of its recovery, or the comparison that found it so before', async () => {
    const uuid = await makeClient(`${WELL}, cpu_percent = 99`);
    expect(await sinceOf(uuid)).toEqual(['degraded', null]);
    await query(
      `INSERT INTO crash_recoveries (client_uuid, step, exhausted_at) VALUES ($1, 'exhausted', ${ago(100)})`,
      [uuid],
    );
    expect(await sinceOf(uuid)).toEqual(['degraded', 100]);
    await compare();
    await passCompared(1000);
    expect(await sinceOf(uuid)).toEqual(['degraded', 1000]);
  });
});

describe('since when a client has its status, where only comparisons say so', () => {
  it('is unknown before the first one, and then the one that first found it', async () => {
    const uuid = await makeClient(WELL);
    expect(await sinceOf(uuid)).toEqual(['healthy', null]);
    await compare();
    expect(await sinceOf(uuid)).toEqual(['healthy', 0]);
    await passCompared(10_800);
    await compare();
    expect(await sinceOf(uuid)).toEqual(['healthy', 10_800]);
  });

  it('is unknown between a change and the next comparison', async () => {
    const uuid = await makeClient(WELL);
    await compare();
    await passCompared(500);
    await query('UPDATE client_states SET cpu_percent = 99 WHERE client_uuid = $1', [uuid]);
    expect(await sinceOf(uuid)).toEqual(['degraded', null]);
    await compare();
    expect(await sinceOf(uuid)).toEqual(['degraded', 0]);
  });

  it('is also that of a crash whose time nobody noted', async () => {
    const uuid = await makeClient(WELL.replace('running', 'crashed'));
    await compare();
    await passCompared(40);
    expect(await sinceOf(uuid)).toEqual(['crashed', 40]);
  });

  it('outlives an interruption of less than a minute, such as a restart of the server', async () => {
    const uuid = await makeClient(WELL);
    await compare();
    await passCompared(500);
    await passUncompared(20);
    expect(await sinceOf(uuid)).toEqual(['healthy', 520]);
    await compare();
    expect(await sinceOf(uuid)).toEqual(['healthy', 520]);
  });

  it('is unknown during a longer one, and afterwards never before its end', async () => {
    const uuid = await makeClient(WELL);
    await compare();
    await passCompared(500);
    await passUncompared(61);
    expect(await sinceOf(uuid)).toEqual(['healthy', null]);
    await compare();
    expect(await sinceOf(uuid)).toEqual(['healthy', 0]);
    await passCompared(20);
    await compare();
    expect(await sinceOf(uuid)).toEqual(['healthy', 20]);
  });

  it('is compared by several replicas at once as by one, without an interruption', async () => {
    const uuid = await makeClient(WELL);
    await compare();
    await passCompared(100);
    await Promise.all(Array.from({ length: 8 }, () => compare()));
    expect(await sinceOf(uuid)).toEqual(['healthy', 100]);
  });
});

describe('the comparison of statuses', () => {
  const comparedAt = async () =>
    (await query('SELECT compared_at FROM status_comparison')).rows[0].compared_at;

  it('goes on while nobody watches', async () => {
    const uuid = await makeClient(WELL);
    const { events } = server.replica();
    events.start();
    try {
      await eventually(async () => (await sinceOf(uuid))[1] !== null);
    } finally {
      await events.stop();
    }
    expect(events.statuses().map(({ name }) => name)).toEqual(['event_feed', 'status_watch']);
  });

  it('has one pause for all replicas: none compares while the last one is young', async () => {
    await compare();
    await passUncompared(10);
    const before = await comparedAt();
    await compare(30);
    expect(await comparedAt()).toEqual(before);
    await passUncompared(21);
    await compare(30);
    expect(await comparedAt()).not.toEqual(before);
  });

  it('goes on when the clock of the database was set back, as after an interruption', async () => {
    const uuid = await makeClient(WELL);
    await compare();
    await passUncompared(-3600);
    await query('DELETE FROM told_statuses');
    await compare(10);
    expect(await sinceOf(uuid)).toEqual(['healthy', 0]);
  });
});
