import { once } from 'node:events';
import type { Server } from 'node:http';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';
import type { Events } from '@infoscreen/server';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { COMPRESSED_FROM_BYTES, compressedAnswers } from '../src/http/compressed-answers.ts';
import { createHttpServer } from '../src/http/create-http-server.ts';
import { TextStream } from '../src/http/define-route.ts';
import { sendStream } from '../src/http/send-stream.ts';
import { freshClient, freshCommand } from './audited-writes.ts';
import { logger, logIn, useServer } from './server-fixture.ts';

const server = useServer();
let http: Server;
let url: string;
let events: Events;
let ids: { uuid: string; commandId: string };

beforeAll(async () => {
  const replica = server.replica();
  events = replica.events;
  http = createHttpServer(replica.app).listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  ids = { commandId: await freshCommand(server), uuid: await freshClient(server) };
  await server.database.pool.query(
    `INSERT INTO clients (uuid, hostname) SELECT gen_random_uuid(), 'screen-' || n FROM generate_series(1, 100) n`,
  );
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
});

/** As a browser asks, and undoes what it says it takes. */
const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(`${url}${path}`, {
    ...init,
    headers: { cookie: server.as('superadmin').cookie ?? '', ...headers },
  });
const header = (answer: Response, name: string) => answer.headers.get(name);

describe('JSON that was read', () => {
  const reads = () =>
    server.api.routes
      .filter(({ method, stream }) => method === 'get' && stream === undefined)
      .map(({ path }) => path.replace('{uuid}', ids.uuid).replace('{command_id}', ids.commandId));
  /** It tells how long the database took just now. */
  const EVER_NEW = '/api/monitoring/system';

  it('has an ETag at every address, and is a 304 without a body where the caller has it', async () => {
    for (const path of [...reads(), '/api/openapi.json']) {
      const first = await ask(path);
      const etag = header(first, 'etag') ?? '';
      expect([path, first.status, header(first, 'cache-control'), etag]).toEqual([
        path,
        200,
        'private, no-cache',
        expect.stringMatching(/^W\/"[\w-]{27}"$/),
      ]);
      const again = await ask(path, { 'if-none-match': etag });
      if (path === EVER_NEW) continue;
      expect([path, again.status, await again.text()]).toEqual([path, 304, '']);
      expect([header(again, 'etag'), header(again, 'cache-control')]).toEqual([etag, 'private, no-cache']);
    }
  });

  it('is sent whole where it is another one than the caller has', async () => {
    const path = `/api/clients/${ids.uuid}`;
    const etag = header(await ask(path), 'etag') ?? '';
    await server.database.pool.query("UPDATE clients SET description = 'moved' WHERE uuid = $1", [ids.uuid]);
    const answer = await ask(path, { 'if-none-match': etag });
    expect([answer.status, ((await answer.json()) as { description: string }).description]).toEqual([
      200,
      'moved',
    ]);
    expect(header(answer, 'etag')).not.toBe(etag);
  });

  it('is no 304 for somebody who may not see it any more', async () => {
    const session = await logIn(server.api, 'viewer');
    const cookie = session.cookie ?? '';
    const etag = header(await ask('/api/clients', { cookie }), 'etag') ?? '';
    expect((await ask('/api/clients', { cookie, 'if-none-match': etag })).status).toBe(304);
    await session.post('/api/auth/logout');
    const refused = await ask('/api/clients', { cookie, 'if-none-match': etag });
    expect([refused.status, header(refused, 'cache-control'), header(refused, 'etag')]).toEqual([
      401,
      'no-store',
      null,
    ]);
  });
});

describe('what is read', () => {
  it.each(['gzip', 'br'])(
    'is compressed by %s where the caller takes it, and says the same',
    async (coding) => {
      for (const path of ['/api/clients?limit=100', '/api/clients/with_alive_status', '/api/openapi.json']) {
        const plain = await ask(path, { 'accept-encoding': 'identity' });
        const answer = await ask(path, { 'accept-encoding': coding });
        expect([header(plain, 'content-encoding'), header(answer, 'content-encoding')]).toEqual([
          null,
          coding,
        ]);
        expect(header(answer, 'vary')).toMatch(/accept-encoding/i);
        expect(header(plain, 'vary')).toMatch(/accept-encoding/i);
        expect(header(answer, 'etag')).toBe(header(plain, 'etag'));
        expect(await answer.text()).toBe(await plain.text());
      }
    },
  );

  it('is left as it is where it is short, and is a 304 all the same', async () => {
    const answer = await ask('/api/auth/me', { 'accept-encoding': 'gzip' });
    expect((await answer.text()).length).toBeLessThan(COMPRESSED_FROM_BYTES);
    expect(header(answer, 'content-encoding')).toBeNull();
    const list = await ask('/api/clients?limit=100', { 'accept-encoding': 'gzip' });
    const again = await ask('/api/clients?limit=100', {
      'accept-encoding': 'gzip',
      'if-none-match': header(list, 'etag') ?? '',
    });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('is compressed as a file for spreadsheets too', async () => {
    const answer = await ask('/api/audit?format=csv', { 'accept-encoding': 'gzip' });
    expect([header(answer, 'content-encoding'), header(answer, 'content-type')]).toEqual([
      'gzip',
      'text/csv; charset=utf-8',
    ]);
    expect((await answer.text()).split('\r\n').length).toBeGreaterThan(2);
  });
});

describe('an answer that may hold a secret', () => {
  it('is never compressed: no answer of a write is, however long', async () => {
    const uuids = await Promise.all(Array.from({ length: 4 }, () => freshClient(server)));
    const answer = await ask(
      '/api/commands/bulk',
      { 'accept-encoding': 'gzip', 'content-type': 'application/json' },
      { method: 'POST', body: JSON.stringify({ action: 'restart_app', client_uuids: uuids }) },
    );
    expect((await answer.text()).length).toBeGreaterThan(COMPRESSED_FROM_BYTES);
    expect([
      header(answer, 'content-encoding'),
      header(answer, 'etag'),
      header(answer, 'cache-control'),
    ]).toEqual([null, null, 'no-store']);
  });

  it('is never that of a read: what shows one once is a write', () => {
    const secret = server.api.routes.filter(({ answerIsSecret }) => answerIsSecret === true);
    expect(secret.length).toBeGreaterThan(3);
    expect(secret.filter(({ method }) => method === 'get')).toEqual([]);
  });
});

describe('a stream', () => {
  it('of events is not compressed, and each event arrives at once', async () => {
    events.start();
    const headers = { cookie: server.as('viewer').cookie ?? '', 'accept-encoding': 'gzip, br' };
    const request = get(`${url}/api/events`, { headers, agent: false });
    const [response] = (await once(request, 'response')) as [
      NodeJS.ReadableStream & { headers: Record<string, string> },
    ];
    expect([response.headers['content-encoding'], response.headers['content-type']]).toEqual([
      undefined,
      'text/event-stream; charset=utf-8',
    ]);
    const uuid = await freshClient(server);
    let text = '';
    for await (const chunk of response) {
      text += String(chunk);
      if (text.includes(uuid)) break;
    }
    expect(text).toContain(uuid);
    request.destroy();
    await events.stop();
  });

  it('of text that is compressed passes each piece on before the next one is made', async () => {
    let makeNext: () => void = () => undefined;
    const taken = new Promise<void>((resolve) => {
      makeNext = resolve;
    });
    async function* make() {
      yield 'first';
      await taken;
      yield ', second';
    }
    const app = express()
      .use(compressedAnswers())
      .get('/', async (_req, res) => {
        const stream = new TextStream({ mediaType: 'text/csv', fileName: 'x.csv', pieces: make() });
        await sendStream(res, { status: 200, stream }, logger);
      });
    const own = createHttpServer(app).listen(0, '127.0.0.1');
    await once(own, 'listening');
    const request = get({
      port: (own.address() as AddressInfo).port,
      headers: { 'accept-encoding': 'gzip' },
      agent: false,
    });
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    let text = '';
    for await (const chunk of response.pipe(createGunzip())) {
      if (text === '') makeNext();
      text += String(chunk);
    }
    expect(text).toBe('first, second');
    own.closeAllConnections();
    own.close();
  });
});
