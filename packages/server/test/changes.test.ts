import { randomUUID } from 'node:crypto';
import { acknowledgeCommand } from '@infoscreen/commands';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import { type ChangesRead, currentPosition, readChanges } from '../src/events/read-changes.ts';
import type { StreamPosition } from '../src/events/stream-position.ts';
import { tellStatusChanges } from '../src/events/tell-status-changes.ts';
import { appSettings, useServer } from './server-fixture.ts';

const server = useServer();
const pool = () => server.database.pool;
const here = () => currentPosition(pool());

async function makeClient(): Promise<string> {
  const uuid = randomUUID();
  await pool().query('INSERT INTO clients (uuid) VALUES ($1)', [uuid]);
  return uuid;
}
function told(read: ChangesRead): string[] {
  if (read.outcome !== 'changes') throw new Error('it was a reset');
  return read.changes.map(({ kind, client_uuid, command_id }) => `${kind} ${command_id ?? client_uuid}`);
}
/** What is told of `work`, and what `work` returned. */
async function toldBy(work: () => Promise<unknown>): Promise<string[]> {
  const before = await here();
  await work();
  return told(await readChanges(pool(), before));
}
const setState = (uuid: string, set: string) =>
  pool().query(`UPDATE client_states SET ${set} WHERE client_uuid = $1`, [uuid]);

describe('a change', () => {
  it('is told of each step of a command', async () => {
    const uuid = await makeClient();
    let commandId = '';
    const issued = await toldBy(async () => {
      const { body } = await server.as('admin').post(`/api/clients/${uuid}/restart_app`);
      commandId = body.command.commandId;
    });
    expect(issued).toEqual([`command ${commandId}`]);
    const report = {
      clientUuid: uuid,
      commandId,
      errorCode: null,
      errorMessage: null,
      deviceTime: null,
      via: 'ack',
    } as const;
    for (const status of ['accepted', 'execution_started', 'completed', 'failed'] as const) {
      const acknowledged = () => acknowledgeCommand(pool(), { ...report, status }, appSettings.lifecycle);
      expect(await toldBy(acknowledged)).toEqual([`command ${commandId}`]);
      // The same again changes nothing.
      expect(await toldBy(acknowledged)).toEqual([]);
    }
  });

  it('is told of failures, recovery and what is shown of a client', async () => {
    const uuid = await makeClient();
    const changes = [
      ["INSERT INTO service_failures (client_uuid, unit, failed_at) VALUES ($1, 'player', now())", 'failure'],
      ["UPDATE service_failures SET cleared_at = now(), cleared_by = 'x' WHERE client_uuid = $1", 'failure'],
      ["INSERT INTO crash_recoveries (client_uuid, step) VALUES ($1, 'restart_app')", 'client'],
      ['UPDATE crash_recoveries SET attempts = 1 WHERE client_uuid = $1', 'client'],
      ['DELETE FROM crash_recoveries WHERE client_uuid = $1', 'client'],
      ["UPDATE clients SET hostname = 'hall' WHERE uuid = $1", 'client'],
      ["UPDATE client_states SET process_status = 'crashed' WHERE client_uuid = $1", 'client'],
      ['UPDATE client_states SET presence_online = false WHERE client_uuid = $1', 'client'],
      ["UPDATE client_states SET boot_id = 'boot-1' WHERE client_uuid = $1", 'client'],
      ['UPDATE client_states SET last_message_at = now() WHERE client_uuid = $1', 'client'],
      ['UPDATE clients SET deleted_at = now() WHERE uuid = $1', 'client'],
    ] as const;
    for (const [statement, kind] of changes) {
      expect([statement, await toldBy(() => pool().query(statement, [uuid]))]).toEqual([
        statement,
        [`${kind} ${uuid}`],
      ]);
    }
    expect(await toldBy(makeClient)).toHaveLength(1);
  });

  it('is told of each row that a statement changes, and of none that it only touches', async () => {
    const made = await toldBy(() =>
      pool().query(
        `INSERT INTO clients (uuid, hostname) SELECT gen_random_uuid(), 'wing ' || n FROM generate_series(1, 40) n`,
      ),
    );
    expect(new Set(made).size).toBe(40);
    const uuids = made.map((line) => line.replace('client ', ''));
    const { rows } = await pool().query('SELECT FROM client_states WHERE client_uuid = ANY ($1)', [uuids]);
    expect(rows).toHaveLength(40);
    const some = uuids.slice(0, 15);
    const changes = {
      clients: `UPDATE clients SET updated_at = now(), ip = CASE WHEN uuid = ANY ($2) THEN '192.0.2.1' ELSE ip END WHERE uuid = ANY ($1)`,
      client_states: `UPDATE client_states SET last_alive = now(), cpu_percent = 3,
        boot_id = CASE WHEN client_uuid = ANY ($2) THEN 'boot-1' ELSE boot_id END WHERE client_uuid = ANY ($1)`,
    };
    for (const [table, statement] of Object.entries(changes)) {
      const change = () => toldBy(() => pool().query(statement, [uuids, some]));
      expect([table, (await change()).toSorted()]).toEqual([
        table,
        some.map((uuid) => `client ${uuid}`).toSorted(),
      ]);
      // The same again changes nothing.
      expect([table, await change()]).toEqual([table, []]);
    }
  });

  it('is told of clients that an upsert makes and of those that it changes', async () => {
    const [known, asItWas, made] = [await makeClient(), await makeClient(), randomUUID()];
    const upsert = `INSERT INTO clients (uuid, ip) SELECT unnest($1::uuid[]), '192.0.2.9'
      ON CONFLICT (uuid) DO UPDATE SET ip = CASE WHEN clients.uuid = $2 THEN clients.ip ELSE excluded.ip END`;
    const lines = await toldBy(() => pool().query(upsert, [[known, asItWas, made], asItWas]));
    expect(lines.toSorted()).toEqual([`client ${known}`, `client ${made}`].toSorted());
  });

  it('is told of every column that is shown of a client, also when it becomes unknown', async () => {
    const uuid = await makeClient();
    const columns = {
      hostname: "'x'",
      description: "'x'",
      group: "'x'",
      ip: "'x'",
      model: "'x'",
      os_version: "'x'",
      app_version: "'x'",
    };
    const sets = Object.entries(columns).flatMap(([column, value]) => [
      `"${column}" = ${value}`,
      `"${column}" = NULL`,
    ]);
    for (const set of [...sets, 'pending = true', 'deleted_at = now()', 'deleted_at = NULL']) {
      const change = () => pool().query(`UPDATE clients SET ${set} WHERE uuid = $1`, [uuid]);
      expect([set, await toldBy(change)]).toEqual([set, [`client ${uuid}`]]);
    }
  });

  it('is not told of heartbeats, of metrics, or of what says nothing new', async () => {
    const uuid = await makeClient();
    await setState(uuid, "last_message_at = now(), process_status = 'running', presence_online = true");
    const heartbeat = () =>
      setState(
        uuid,
        `last_message_at = clock_timestamp(), last_alive = clock_timestamp(), cpu_percent = 50, process_status = 'running',
         presence_online = true, clock_offset_ms = 3, mqtt_reconnect_count = 2`,
      );
    expect(await toldBy(heartbeat)).toEqual([]);
    const discovery = () =>
      pool().query('UPDATE clients SET hostname = hostname, updated_at = clock_timestamp() WHERE uuid = $1', [
        uuid,
      ]);
    expect(await toldBy(discovery)).toEqual([]);
  });
});

describe('the status of a client', () => {
  const tell = () => tellStatusChanges(pool(), { graceSeconds: 180, pauseSeconds: 0 });

  it('is told when it changes with time alone, or by a metric, once', async () => {
    const uuid = await makeClient();
    await tell();
    for (const [set, isChange] of [
      ['last_message_at = now(), last_alive = now()', true],
      ['cpu_percent = 97', false],
      ['cpu_percent = 99', true],
      ["last_message_at = now() - interval '120 seconds'", false],
      ["last_message_at = now() - interval '180 seconds'", true],
    ] as const) {
      await setState(uuid, set);
      expect([set, await toldBy(tell)]).toEqual([set, isChange ? [`client ${uuid}`] : []]);
      expect(await toldBy(tell)).toEqual([]);
    }
  });

  it('is told when it is first found: it may be another than when the client was told', async () => {
    const uuid = await makeClient();
    expect(await toldBy(tell)).toEqual([`client ${uuid}`]);
    expect(await toldBy(tell)).toEqual([]);
  });

  it('is told once by any number of replicas that compare at the same moment', async () => {
    const uuid = await makeClient();
    await tell();
    await setState(uuid, 'last_message_at = now(), last_alive = now()');
    const { rows: before } = await pool().query('SELECT count(*)::int AS count FROM change_log');
    await Promise.all(Array.from({ length: 8 }, tell));
    const { rows: after } = await pool().query('SELECT count(*)::int AS count FROM change_log');
    expect(after[0].count - before[0].count).toBe(1);
  });
});

describe('whoever reads changes', () => {
  /** Two writers, whose transactions begin, write and commit in an order of their own, and a reader in between. */
  const steps = fc.array(
    fc.constantFrom('write 0', 'write 1', 'write 2', 'commit 0', 'commit 1', 'commit 2', 'read'),
    {
      maxLength: 25,
    },
  );

  it('is told of each once and of none too early, in whatever order transactions write and commit', async () => {
    const writers: pg.PoolClient[] = await Promise.all([
      pool().connect(),
      pool().connect(),
      pool().connect(),
    ]);
    try {
      await fc.assert(
        fc.asyncProperty(steps, async (story) => {
          const open: (string[] | null)[] = [null, null, null];
          const committed: string[] = [];
          const seen: string[] = [];
          let position: StreamPosition = await here();
          const read = async () => {
            const result = await readChanges(pool(), position);
            seen.push(...told(result));
            position = result.position;
            expect(seen.toSorted(compare)).toEqual(committed.toSorted(compare));
          };
          for (const step of [...story, 'commit 0', 'commit 1', 'commit 2', 'read']) {
            const [what, which] = step.split(' ');
            const n = Number(which);
            if (what === 'read') await read();
            else if (what === 'write') {
              if (open[n] === null) await writers[n]?.query('BEGIN');
              const uuid = randomUUID();
              open[n] = [...(open[n] ?? []), `client ${uuid}`];
              await writers[n]?.query("INSERT INTO change_log (kind, client_uuid) VALUES ('client', $1)", [
                uuid,
              ]);
            } else if (open[n] !== null) {
              await writers[n]?.query('COMMIT');
              committed.push(...(open[n] ?? []));
              open[n] = null;
            }
          }
        }),
        { numRuns: 40 },
      );
    } finally {
      for (const writer of writers) writer.release();
    }
  });

  it('starts anew when too much changed, when it was away for long, and on another database', async () => {
    const before = await here();
    await pool().query(
      "INSERT INTO change_log (kind, client_uuid) SELECT 'client', gen_random_uuid() FROM generate_series(1, 1001)",
    );
    const outcome = async (position: StreamPosition) => (await readChanges(pool(), position)).outcome;
    expect(await outcome(before)).toBe('reset');
    const now = await here();
    expect(await outcome(now)).toBe('changes');
    expect(await outcome({ ...now, takenAtSeconds: now.takenAtSeconds - 901 })).toBe('reset');
    expect(await outcome({ ...now, snapshot: '900000000:900000000:' })).toBe('reset');
  });
});

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
