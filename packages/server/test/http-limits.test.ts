import { once } from 'node:events';
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
