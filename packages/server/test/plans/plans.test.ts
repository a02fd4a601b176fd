import { readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Events, Route } from '@infoscreen/server';
import {
  createLargeFleetDatabase,
  eventually,
  NOT_RECORDED,
  recordStatements,
  reportScans,
  type ScanException,
  type StatementRecorder,
} from '@infoscreen/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttpServer } from '../../src/http/create-http-server.ts';
import type { Api } from '../api-client.ts';
import { freshClient, WRITES } from '../audited-writes.ts';
import { readEvents } from '../event-reader.ts';
import { useServer } from '../server-fixture.ts';
import { OTHER_WORK } from './other-work.ts';
import { READS } from './reads.ts';

const EVENTS = 'get /api/events';

/** docs/performance.md has the time of each. */
const EXCEPTIONS: readonly ScanException[] = [
  {
    by: /^get \/api\/clients\?.*sort=-?(last_alive|mqtt_reconnect_count|status)/,
    tables: ['clients', 'client_states'],
    reason: 'an order by what each heartbeat changes: an index would cost every one of them its HOT update',
  },
  {
    by: /^get \/api\/clients(\/counts)?\?.*(status|text)=/,
    tables: ['clients', 'client_states'],
    reason: 'a status follows from what each heartbeat changes, and a part of a text stands anywhere in it',
  },
  {
    by: /^get \/api\/clients\/counts$/,
    tables: ['clients', 'client_states'],
    reason: 'all clients are counted, by a status that follows from what each heartbeat changes',
  },
  { by: /^get \/api\/clients\/groups$/, tables: ['clients'], reason: 'all clients are counted' },
  {
    by: /^get \/api\/(clients\/with_alive_status|monitoring\/overview)$/,
    tables: ['clients', 'client_states'],
    reason: 'the answer has every client',
  },
  {
    by: /^get \/api\/events$/,
    tables: ['clients', 'client_states', 'told_statuses'],
    reason: 'the statuses of all clients are compared, by one replica, while anybody watches',
  },
  { by: /^the first superadmin$/, tables: ['users'], reason: 'ends at the first row' },
  {
    by: /^all broker accounts, after a connect$/,
    tables: ['broker_accounts'],
    reason: 'all are compared with those of the broker',
  },
];

const recorder: StatementRecorder = recordStatements();
const server = useServer({}, createLargeFleetDatabase);
const nameOf = ({ method, path }: Route) => `${method} ${path}`;
let running: Running;
let known: { clientUuid: string; commandId: string };

beforeAll(async () => {
  const [row] = await server.asOwner<{ client_uuid: string; command_id: string }>(
    `SELECT client_uuid, command_id FROM client_commands JOIN clients ON uuid = client_uuid
     WHERE deleted_at IS NULL LIMIT 1`,
  );
  running = await run();
  known = { clientUuid: row?.client_uuid ?? '', commandId: row?.command_id ?? '' };
}, 120_000);
afterAll(async () => {
  await running.stop();
  recorder.stop();
});

const superadmin = (): Api => server.as('superadmin');
const asSuperadmin = () => ({ headers: { cookie: superadmin().cookie ?? '' } });
const addressOf = (route: string) =>
  (route.split(' ')[1] ?? '').replace('{uuid}', known.clientUuid).replace('{command_id}', known.commandId);

/** Without holding the answer to its schema: those of a hundred thousand clients take that long. */
async function read(path: string): Promise<void> {
  const ask = (address: string) => fetch(address, asSuperadmin());
  const answer = await ask(`${running.url}${path}`);
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}: ${text}`);
  const cursor = /"nextCursor":"([\w-]+)"/.exec(text.slice(-2000))?.[1];
  if (cursor === undefined) return;
  const next = await ask(`${running.url}${path}${path.includes('?') ? '&' : '?'}cursor=${cursor}`);
  if (next.status !== 200) throw new Error(`the page after ${path} was answered with ${next.status}`);
  await next.text();
}

interface Running {
  readonly events: Events;
  readonly url: string;
  stop(): Promise<void>;
}
async function run(): Promise<Running> {
  const { app, events } = server.replica();
  const http: Server = createHttpServer(app);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    events,
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stop: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

async function watchEvents(): Promise<void> {
  running.events.start();
  const reader = await readEvents(`${running.url}/api/events`, { cookie: superadmin().cookie });
  const uuid = await freshClient(server);
  await reader.sees('client', { uuid });
  // The event of the insert comes by itself; the comparison of all statuses, some moments later, tells of it once more.
  await eventually(
    async () =>
      (await server.asOwner(`${NOT_RECORDED} SELECT FROM told_statuses WHERE client_uuid = $1`, [uuid]))
        .length === 1,
    { what: 'the statuses are compared' },
  );
  reader.close();
  await running.events.stop();
}

describe('with 100,000 clients', () => {
  it('every route is asked, with everything that it can be asked for', async () => {
    const routes = server.api.routes;
    expect(Object.keys({ ...READS, ...WRITES, [EVENTS]: null }).toSorted()).toEqual(
      routes.map(nameOf).toSorted(),
    );
    for (const route of routes.filter(({ method, stream }) => method === 'get' && stream === undefined)) {
      const queries = READS[nameOf(route)]?.(known) ?? [];
      const asked = new Set(queries.flatMap((query) => [...new URLSearchParams(query).keys()]));
      const can = Object.keys(route.request.query?.shape ?? {}).filter((name) => name !== 'cursor');
      expect([nameOf(route), can.filter((name) => !asked.has(name) && name !== 'limit')]).toEqual([
        nameOf(route),
        [],
      ]);
    }
  });

  it.each(Object.entries(READS))('%s is answered', async (route, queries) => {
    for (const query of queries(known))
      await recorder.during(`${route}${query}`, () => read(`${addressOf(route)}${query}`));
  });

  it.each(Object.entries(WRITES))('%s is answered', async (route, makeWrite) => {
    const { by, path, body } = await makeWrite(server);
    const method = route.split(' ')[0] as 'post';
    const { result } = await recorder.during(route, () =>
      by[method](path, body === undefined ? {} : { body }),
    );
    expect(result.status).toBeLessThan(300);
  });

  it('events are told', async () => {
    await recorder.during(EVENTS, watchEvents);
  });

  it.each(Object.entries(OTHER_WORK))('%s is done', async (name, work) => {
    await recorder.during(name, () => work(server));
  });

  it('every file of the server that asks the database has been seen to do so', () => {
    const folder = new URL('../../src/', import.meta.url);
    const asking = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(
        (file) => file.endsWith('.ts') && /\.query(<|\()/.test(readFileSync(new URL(file, folder), 'utf8')),
      )
      .map((file) => `packages/server/src/${file}`);
    expect(asking.filter((file) => !recorder.sources.has(file))).toEqual([]);
  });

  it('no statement reads a whole large table, but for those that have to', async () => {
    const { unexpected, unneeded, plans } = await reportScans(server.ownerUrl(), recorder, EXCEPTIONS);
    expect(unexpected).toEqual([]);
    expect(unneeded).toEqual([]);
    expect(plans).toBeGreaterThan(150);
  });
});

describe('a page of any length', () => {
  const paged = Object.keys(READS).filter((route) =>
    READS[route]?.({ clientUuid: '', commandId: '' })[0]?.includes('limit='),
  );

  it('is asked for by every list', () => {
    const lists = server.api.routes.filter(({ request }) => request.query?.shape['limit'] !== undefined);
    expect(lists.map(nameOf).toSorted()).toEqual(paged.toSorted());
  });

  it.each(paged)('takes the same number of statements: %s', async (route) => {
    const counts: number[] = [];
    for (const limit of [1, 10, 100]) {
      const { sent } = await recorder.during(route, () =>
        superadmin().get(`${addressOf(route)}?limit=${limit}`),
      );
      counts.push(sent.length);
    }
    expect(counts).toEqual([counts[0], counts[0], counts[0]]);
  });

  it.each([
    'get /api/clients',
    'get /api/clients/{uuid}',
    'get /api/clients/with_alive_status',
    'get /api/monitoring/overview',
  ])('takes one statement beside the one that reads session and user: %s', async (route) => {
    const { sent } = await recorder.during(route, () =>
      fetch(`${running.url}${addressOf(route)}`, asSuperadmin()).then((answer) => answer.text()),
    );
    expect(sent).toHaveLength(2);
  });
});
