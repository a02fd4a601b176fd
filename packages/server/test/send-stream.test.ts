import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

import { eventually } from '@infoscreen/test-kit';
import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { TextStream } from '../src/http/define-route.ts';
import { sendStream } from '../src/http/send-stream.ts';
import { logger } from './server-fixture.ts';

const PIECE = 'x'.repeat(10_000);
let http: Server;
let made = 0;
let hasEnded = false;
afterEach(() => {
  http.closeAllConnections();
  http.close();
});

/** A server that answers with so many pieces, and then fails where it is told when. */
async function serve({
  pieces,
  failsAfter,
}: {
  pieces: number;
  failsAfter?: Promise<void>;
}): Promise<number> {
  [made, hasEnded] = [0, false];
  async function* make() {
    try {
      for (; made < pieces; made += 1) yield PIECE;
      if (failsAfter === undefined) return;
      await failsAfter;
      throw new Error('no more to be had');
    } finally {
      hasEnded = true;
    }
  }
  const app = express().get('/', async (_req, res) => {
    const stream = new TextStream({ mediaType: 'text/csv', fileName: 'x.csv', pieces: make() });
    await sendStream(res, { status: 200, stream }, logger);
  });
  http = createServer(app).listen(0, '127.0.0.1');
  await once(http, 'listening');
  return (http.address() as AddressInfo).port;
}

describe('an answer that is made while it is sent', () => {
  it('arrives whole', async () => {
    const port = await serve({ pieces: 1000 });
    const text = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    expect(text).toHaveLength(1000 * PIECE.length);
  });

  it('that fails half-way can not be taken for the whole', async () => {
    const port = await serve({ pieces: 3, failsAfter: Promise.resolve() });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    await expect(response.text()).rejects.toThrow();
  });

  it('that fails half-way is a reset, and no ordinary end, also for a caller without chunks (HTTP/1.0)', async () => {
    let fail = () => {};
    const failsAfter = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const port = await serve({ pieces: 3, failsAfter });
    const socket = connect({ host: '127.0.0.1', port });
    let received = 0;
    socket.on('data', (chunk) => {
      received += chunk.length;
      if (received > 3 * PIECE.length) fail();
    });
    socket.write('GET / HTTP/1.0\r\n\r\n');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
  });

  it('is made no faster than it is read, and no further once the caller hangs up', async () => {
    const port = await serve({ pieces: 1_000_000 });
    const socket = connect({ host: '127.0.0.1', port });
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    let before = -1;
    await eventually(
      () => {
        const isStill = made === before && made > 0;
        before = made;
        return isStill;
      },
      { intervalMs: 200 },
    );
    expect(made).toBeLessThan(10_000);
    expect(hasEnded).toBe(false);
    socket.destroy();
    await eventually(() => hasEnded);
  });

  it('is not made at all for a HEAD', async () => {
    const port = await serve({ pieces: 3 });
    const { headers } = await fetch(`http://127.0.0.1:${port}/`, { method: 'HEAD' });
    expect([headers.get('content-type'), made]).toEqual(['text/csv; charset=utf-8', 0]);
  });
});
