import { randomUUID } from 'node:crypto';
import type { Queryable } from '@infoscreen/prisma';
import { describe, expect, it } from '@jest/globals';
import { createClientDetails } from '../src/clients/client-detail.ts';
import { appSettings, useServer } from './server-fixture.ts';

const server = useServer();

/** Details that are read from the test's database, and what each statement of theirs asked for. */
function countedDetails() {
  const { pool } = server.database;
  const statements: string[] = [];
  const query = ((config: { text: string }) => {
    statements.push(config.text);
    return pool.query(config);
  }) as unknown as Queryable['query'];
  const { graceSeconds, lifecycle: settings } = appSettings;
  return { statements, read: createClientDetails({ pool: { query }, graceSeconds, settings }) };
}

async function makeClients(count: number): Promise<string[]> {
  const { rows } = await server.database.pool.query<{ uuid: string }>(
    `INSERT INTO clients (uuid, hostname) SELECT gen_random_uuid(), 'screen ' || n FROM generate_series(1, $1::int) n RETURNING uuid`,
    [count],
  );
  return rows.map(({ uuid }) => uuid);
}
const uuidIn = (json: string | null) => (json === null ? null : (JSON.parse(json) as { uuid: string }).uuid);

describe('details that are asked for at the same moment', () => {
  it('are read by one statement, and everybody is told of the own client', async () => {
    const uuids = await makeClients(12);
    const { read, statements } = countedDetails();
    const details = await Promise.all(uuids.map(read));
    expect(details.map(uuidIn)).toEqual(uuids);
    expect(statements).toHaveLength(1);
  });

  it('say the same as each alone', async () => {
    const uuids = await makeClients(3);
    const { read } = countedDetails();
    const alone: (string | null)[] = [];
    for (const uuid of uuids) alone.push(await read(uuid));
    expect(await Promise.all(uuids.map(read))).toEqual(alone);
  });

  it('are none for a client that is unknown or deleted, and its neighbours have theirs', async () => {
    const [known = '', deleted = ''] = await makeClients(2);
    await server.database.pool.query('UPDATE clients SET deleted_at = now() WHERE uuid = $1', [deleted]);
    const { read } = countedDetails();
    const details = await Promise.all([randomUUID(), known, deleted].map(read));
    expect(details.map(uuidIn)).toEqual([null, known, null]);
    expect(await read(deleted)).toBeNull();
  });

  it('are read by as many statements as it takes where they are many, of which each text is one of two', async () => {
    const uuids = await makeClients(35);
    const { read, statements } = countedDetails();
    const details = await Promise.all(uuids.map(read));
    expect(details.map(uuidIn)).toEqual(uuids);
    expect(statements).toHaveLength(3);
    await read(uuids[0] ?? '');
    expect(new Set(statements).size).toBe(2);
  });

  it('are those of after they were asked for, however many wait already', async () => {
    const [uuid = ''] = await makeClients(1);
    const { read } = countedDetails();
    const before = read(uuid);
    await new Promise((resolve) => setImmediate(resolve));
    await server.database.pool.query(`UPDATE clients SET hostname = 'renamed' WHERE uuid = $1`, [uuid]);
    const after = await read(uuid);
    await before;
    expect((JSON.parse(after ?? 'null') as { hostname: string }).hostname).toBe('renamed');
  });
});
