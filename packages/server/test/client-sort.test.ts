import { randomUUID } from 'node:crypto';
import {
  CLIENT_SORT_KEYS,
  CLIENT_STATUSES,
  type ClientSortKey,
  type ClientView,
} from '@infoscreen/shared-types';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { useServer } from './server-fixture.ts';

const server = useServer();
const viewer = () => server.as('viewer');

/** As people read them: by number, and equal numbers in one order as well. */
const VERSIONS = ['2.9', '2.9.1', '2.010', '2.10', '2.10-beta.2', '2.10-beta.10', 'v1', 'v10'] as const;

/** Few values, so that many rows have the same key, or none. */
const clientArbitrary = fc.record({
  uuid: fc.uuid(),
  hostname: fc.constantFrom(null, 'a', 'b', 'B'),
  group: fc.constantFrom(null, 'one', 'two'),
  app_version: fc.constantFrom(null, ...VERSIONS),
  mqtt_reconnect_count: fc.constantFrom(null, 0, 7),
  alive_seconds_ago: fc.constantFrom(null, 1, 500),
  message_seconds_ago: fc.constantFrom(null, 1, 500),
});
type MadeClient = typeof clientArbitrary extends fc.Arbitrary<infer T> ? T : never;

/** `at`: of equal ages, equal times. */
async function makeFleet(clients: readonly MadeClient[]): Promise<void> {
  const { pool } = server.database;
  await pool.query('DELETE FROM clients');
  await pool.query(
    `WITH made AS (SELECT * FROM json_populate_recordset(NULL::clients, $1::json))
     INSERT INTO clients (uuid, hostname, "group", app_version) SELECT uuid, hostname, "group", app_version FROM made`,
    [JSON.stringify(clients)],
  );
  await pool.query(
    `UPDATE client_states s SET mqtt_reconnect_count = m.mqtt_reconnect_count,
       last_alive = now() - make_interval(secs => m.alive_seconds_ago),
       last_message_at = now() - make_interval(secs => m.message_seconds_ago)
     FROM json_to_recordset($1::json) AS m (uuid uuid, mqtt_reconnect_count int, alive_seconds_ago float8, message_seconds_ago float8)
     WHERE s.client_uuid = m.uuid`,
    [JSON.stringify(clients)],
  );
}

async function allPages(query: Record<string, string | number>): Promise<ClientView[]> {
  const seen: ClientView[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: ClientView[]; nextCursor: string | null } = (
      await viewer().get('/api/clients', { query: { ...query, ...(cursor === null ? {} : { cursor }) } })
    ).body;
    seen.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return seen;
}

function keyOf(client: ClientView, key: ClientSortKey): string | number | null {
  if (key === 'hostname') return (client.hostname ?? '').toLowerCase();
  if (key === 'status') return CLIENT_STATUSES.indexOf(client.status);
  if (key === 'app_version')
    return client.app_version === null ? null : VERSIONS.indexOf(client.app_version as never);
  return client[key];
}
const compare = (left: string | number, right: string | number) => (left < right ? -1 : left > right ? 1 : 0);

function sorted(clients: readonly ClientView[], key: ClientSortKey, sign: 1 | -1): string[] {
  return clients
    .toSorted((left, right) => {
      const [a, b] = [keyOf(left, key), keyOf(right, key)];
      const byKey = a === null || b === null ? Number(a === null) - Number(b === null) : sign * compare(a, b);
      return byKey === 0 ? sign * compare(left.uuid, right.uuid) : byKey;
    })
    .map(({ uuid }) => uuid);
}

describe('the pages of the list of clients', () => {
  it.each(CLIENT_SORT_KEYS)(
    'show each client once, by %s, either way and whatever is equal or missing',
    async (key) => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(clientArbitrary, { selector: ({ uuid }) => uuid, maxLength: 12 }),
          fc.constantFrom(1, -1),
          fc.integer({ min: 1, max: 5 }),
          async (clients, sign, limit) => {
            await makeFleet(clients);
            const everything: ClientView[] = (await viewer().get('/api/clients', { query: { limit: 200 } }))
              .body.items;
            const pages = await allPages({ sort: sign === 1 ? key : `-${key}`, limit });
            expect(pages.map(({ uuid }) => uuid)).toEqual(sorted(everything, key, sign === 1 ? 1 : -1));
            expect(pages).toHaveLength(clients.length);
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  it('refuse a cursor of another order', async () => {
    await makeFleet(fc.sample(clientArbitrary, 3));
    const { body } = await viewer().get('/api/clients', { query: { limit: 1, sort: 'group' } });
    const other = await viewer().get('/api/clients', { query: { cursor: body.nextCursor, sort: '-group' } });
    expect([other.status, other.body.errors]).toEqual([
      400,
      [{ in: 'query', path: 'cursor', message: 'must be a cursor that a page returned' }],
    ]);
    expect((await viewer().get('/api/clients', { query: { sort: 'password' } })).body.code).toBe(
      'invalid_request',
    );
  });

  it('go on after the longest name that a client can have', async () => {
    const hostname = '試'.repeat(255);
    await makeFleet([
      ...fc.sample(clientArbitrary, 1),
      { ...fc.sample(clientArbitrary, 1)[0], uuid: randomUUID(), hostname } as unknown as MadeClient,
    ]);
    expect(await allPages({ sort: '-hostname', limit: 1 })).toHaveLength(2);
  });
});

describe('counts of clients', () => {
  it('are those of the list with the same filter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(clientArbitrary, { selector: ({ uuid }) => uuid, maxLength: 12 }),
        fc.record(
          {
            status: fc.constantFrom(...CLIENT_STATUSES),
            group: fc.constantFrom('one', 'two', 'three'),
            text: fc.constantFrom('a', 'o', '%'),
          },
          { requiredKeys: [] },
        ),
        async (clients, filter) => {
          await makeFleet(clients);
          const listed = await allPages({ ...filter, limit: 200 });
          const { body } = await viewer().get('/api/clients/counts', { query: filter });
          const byStatus = CLIENT_STATUSES.map((status) => [
            status,
            listed.filter((client) => client.status === status).length,
          ]);
          expect(body).toEqual({ total: listed.length, by_status: Object.fromEntries(byStatus) });
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the groups of clients', () => {
  it('are listed by name with the number of clients in each', async () => {
    const [client] = fc.sample(clientArbitrary, 1);
    const inGroup = (group: string | null) => ({ ...client, uuid: randomUUID(), group }) as MadeClient;
    await makeFleet(['two', 'one', 'two', null].map(inGroup));
    const { body } = await viewer().get('/api/clients/groups');
    expect(body.items).toEqual([
      { group: 'one', count: 1 },
      { group: 'two', count: 2 },
    ]);
  });
});
