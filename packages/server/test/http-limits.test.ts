import { on, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttpServer, drain, HTTP_LIMITS } from '../src/http/create-http-server.ts';

it('a server that stops resets what it has not finished, which no caller takes for a whole answer', async () => {
  const http = createHttpServer((_request, response) => {
    response.write('half of it');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.0\r\n\r\n');
  await once(socket, 'data');
  const [[error]] = await Promise.all([once(socket, 'error'), drain(http)]);
  expect(error).toMatchObject({ code: 'ECONNRESET' });
});

it('a connection with more requests under way than a limit is cut, before they pile up', async () => {
  let begun = 0;
  const http = createHttpServer(() => {
    begun += 1;
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(1000));
  await once(socket, 'close');
  expect(begun).toBe(HTTP_LIMITS.underWay);
  await drain(http);
});

it('a connection may send a few requests ahead, again and again', async () => {
  const http = createHttpServer((request, response) => {
    setImmediate(() => response.end(`answer to ${request.url}.`));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
  for (const round of ['a', 'b', 'c']) {
    const names = Array.from({ length: HTTP_LIMITS.underWay }, (_, index) => `/${round}${index}`);
    socket.write(names.map((name) => `GET ${name} HTTP/1.1\r\nhost: x\r\n\r\n`).join(''));
    let heard = '';
    for await (const [data] of on(socket, 'data')) {
      heard += data.toString('latin1');
      if (heard.includes(`answer to ${names.at(-1)}.`)) break;
    }
    expect(names.filter((name) => !heard.includes(`answer to ${name}.`))).toEqual([]);
  }
  socket.destroy();
  await drain(http);
});

describe('the HTTP side of the server', () => {
  const http = createHttpServer((_request, response) => {
    response.end('served');
  });
  beforeAll(() => new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve)));
  afterAll(() => drain(http));

  /** What a peer hears that sends this and then waits. */
  const answerTo = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let heard = '';
      const socket = connect((http.address() as AddressInfo).port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (data) => {
        heard += data.toString('latin1');
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(heard));
    });

  it('ends a connection whose headers never end', async () => {
    expect(await answerTo('GET / HTTP/1.1\r\nhost: x\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('refuses headers without end', async () => {
    const header = `x: ${'x'.repeat(HTTP_LIMITS.headerBytes)}`;
    expect(await answerTo(`GET / HTTP/1.1\r\nhost: x\r\n${header}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('has a limit for the whole of a request, for idle connections and for their number', () => {
    expect(http).toMatchObject({
      requestTimeout: HTTP_LIMITS.requestMs,
      keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
      maxConnections: HTTP_LIMITS.connections,
    });
  });
});
