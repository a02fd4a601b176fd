import { connect } from 'node:net';
import fc from 'fast-check';

const QUIET_MS = 300;
const GIVE_UP_MS = 5000;

const LINES = [
  'GET / HTTP/1.1',
  'GET /api/clients HTTP/1.1',
  'POST /api/auth/login HTTP/1.1',
  'GET  /api/clients  HTTP/1.1',
  'GET /api/clients',
  'GET /api/clients HTTP/0.9',
  'GET /api/clients HTTP/1.0',
  'GET /api/clients HTTP/2.0',
  'GET /api/clients HTTP/9.9',
  'get /api/clients HTTP/1.1',
  'NONSENSE /api/clients HTTP/1.1',
  'CONNECT evil.example:443 HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET http://evil.example/api/clients HTTP/1.1',
  'GET http://[::1 HTTP/1.1',
  'GET //evil.example/%2e%2e HTTP/1.1',
  'GET ?x HTTP/1.1',
  'GET api/clients HTTP/1.1',
  'GET /\u0000 HTTP/1.1',
  'GET /\u00ff\u00fe HTTP/1.1',
  'GET /a b HTTP/1.1',
  'GET /a#b HTTP/1.1',
  'GET /\\..\\.. HTTP/1.1',
  `GET /${'x'.repeat(20_000)} HTTP/1.1`,
  'PRI * HTTP/2.0',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  '',
  ' ',
];
const HEADERS = [
  'Host: 127.0.0.1',
  'Host:',
  'Host: a\r\nHost: b',
  'Connection: close',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 5',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: nonsense',
  'Expect: 100-continue',
  'Expect: nonsense',
  'Content-Type: application/json',
  'Content-Type: \u00ff\u00fe',
  'Idempotency-Key: a\u0000b',
  'Idempotency-Key: \u00e9\u00ff',
  'Cookie: infoscreen.sid=\u0001\u0002',
  'Cookie: infoscreen.sid=\u00ff',
  ': no name',
  'No colon',
  'Space : before',
  ' folded: header',
  `X-Long: ${'x'.repeat(20_000)}`,
  Array.from({ length: 150 }, (_, n) => `X-${n}: ${'y'.repeat(100)}`).join('\r\n'),
  Array.from({ length: 3000 }, () => 'A:').join('\r\n'),
];
const BODIES = [
  '',
  '{}',
  '{"a":1}',
  '5\r\nhello\r\n0\r\n\r\n',
  'zz\r\nhello\r\n',
  'ffffffffffffffff\r\nx',
  '\u0000\u0001',
];
const ENDS = ['\r\n', '\n', '\r'];

/** Bytes that are nearly, or not at all, an HTTP request. */
export const rawRequests: fc.Arbitrary<Buffer> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        line: fc.constantFrom(...LINES),
        headers: fc.array(fc.constantFrom(...HEADERS), { maxLength: 5 }),
        body: fc.constantFrom(...BODIES),
        end: fc.oneof({ weight: 8, arbitrary: fc.constant('\r\n') }, fc.constantFrom(...ENDS)),
        times: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.constant(20)),
      })
      .map(({ line, headers, body, end, times }) =>
        Buffer.from(`${[line, ...headers].join(end)}${end}${end}${body}`.repeat(times), 'latin1'),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ minLength: 1, maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
  },
);

export interface RawAnswer {
  /** Status of each answer on the connection, in their order; none where it was closed without one. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/** Sends the bytes over a connection of their own, and reads until the other side is done or quiet. */
export function sendRaw(port: number, bytes: Buffer): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: '127.0.0.1', port });
    const end = () => socket.destroy();
    const giveUp = setTimeout(end, GIVE_UP_MS);
    // One that waits for more of a request is left as a caller who hangs up would leave it.
    socket.setTimeout(QUIET_MS, end);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(giveUp);
      const text = Buffer.concat(chunks).toString('latin1');
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
      resolve({ statuses, text });
    });
    socket.write(bytes);
  });
}
