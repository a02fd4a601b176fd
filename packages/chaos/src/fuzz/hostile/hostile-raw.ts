import type { ApiOperation } from '../http/api-operations.ts';
import type { HostileCategory } from './hostile-values.ts';

export interface RawHostile {
  readonly category: HostileCategory;
  readonly operation: ApiOperation;
  readonly bytes: Buffer;
}

/** What no client library sends: broken framing, headers within headers, targets that are no path. */
export function rawHostile(operation: ApiOperation, path: string, cookie: string): readonly RawHostile[] {
  const { method } = operation;
  const session = cookie === '' ? [] : [`Cookie: ${cookie}`];
  const raw = (
    category: HostileCategory,
    line: string,
    headers: readonly string[],
    body = '',
  ): RawHostile => ({
    category,
    operation,
    bytes: Buffer.from(
      `${[line, 'Host: 127.0.0.1', 'Connection: close', ...session, ...headers].join('\r\n')}\r\n\r\n${body}`,
      'latin1',
    ),
  });
  const line = `${method} ${path} HTTP/1.1`;
  const json = 'Content-Type: application/json';
  return [
    raw('header_injection', line, ['X-A: b\rX-Injected: yes']),
    raw('header_injection', line, ['X-A: b\nX-Injected: yes']),
    raw('header_injection', line, ['X-A: b\u0000c']),
    raw('header_injection', line, ['Idempotency-Key: a\u0000b']),
    raw('header_injection', line, ['Origin: http://a\u0001b', 'User-Agent: \u001b[31mred\u0007']),
    raw('header_injection', line, ['X-Request-Id: x\u000bX-Injected: yes']),
    raw('header_injection', `${method} ${path}\rX-Injected:yes HTTP/1.1`, []),
    raw('header_injection', line, [' folded: X-Injected']),
    raw('header_injection', line, ['Host: evil.example']),
    raw('framing', line, [json, 'Content-Length: 2', 'Content-Length: 3'], '{}x'),
    raw('framing', line, [json, 'Content-Length: 2', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    raw('framing', line, [json, 'Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'),
    raw('framing', line, [json, 'Transfer-Encoding: \u000bchunked'], '0\r\n\r\n'),
    raw('framing', line, [json, 'Transfer-Encoding: chunked'], 'ffffffffffffffffff\r\n{}\r\n0\r\n\r\n'),
    raw('framing', line, [json, 'Transfer-Encoding: chunked'], '-1\r\n{}\r\n0\r\n\r\n'),
    raw('framing', line, [json, 'Transfer-Encoding: chunked'], `2;${'e'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
    raw('framing', line, [json, 'Content-Length: +2'], '{}'),
    raw('framing', line, [json, 'Content-Length: 0x2'], '{}'),
    raw('framing', line, ['Expect: 100-continue, nonsense']),
    raw('path_tricks', `${method} http://evil.example${path} HTTP/1.1`, []),
    raw('path_tricks', `${method} //evil.example${path} HTTP/1.1`, []),
    raw('path_tricks', `${method} ${path}\u0000 HTTP/1.1`, []),
    raw('path_tricks', `${method} ${path.slice(1)} HTTP/1.1`, []),
    raw('path_tricks', `${method} ${path.replaceAll('/', '%252f')} HTTP/1.1`, []),
    raw('path_tricks', `${method} ${path.replaceAll('/', '\\')} HTTP/1.1`, []),
    raw('huge', `${method} ${path}?${'x'.repeat(20_000)} HTTP/1.1`, []),
    raw('huge', line, [`X-Long: ${'x'.repeat(30_000)}`]),
    raw('huge', line, [`Cookie: ${'x'.repeat(30_000)}`]),
  ];
}
