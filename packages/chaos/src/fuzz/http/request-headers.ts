import fc from 'fast-check';
import { WRONG_CONTENT_TYPES } from './wrong-content-types.ts';

const CONTENT_TYPES = ['application/json; charset=utf-8', ...WRONG_CONTENT_TYPES, ' '];
const KEYS = [
  'key-1',
  'key-2',
  '"quoted"',
  '""',
  '"',
  ' ',
  'x'.repeat(200),
  'x'.repeat(201),
  'k\u00e9y',
  '\u0080',
  '{}',
];
const ORIGINS = ['http://evil.example', 'null', 'http://127.0.0.1', '', '::::', 'http://', 'x'.repeat(300)];
const FETCH_SITES = ['same-origin', 'none', 'cross-site', 'same-site', 'nonsense', ''];
const COOKIES = [
  'infoscreen.sid=s%3Aforged.signature',
  'infoscreen.sid=',
  'infoscreen.sid=%',
  'infoscreen.sid=s:',
  'infoscreen.sid=s%3A%00.x',
  'infoscreen.sid=j%3A%7B%22a%22%3A1%7D',
  ';;;=;',
  'a=b; infoscreen.sid="x"; infoscreen.sid=y',
  `infoscreen.sid=${'x'.repeat(3000)}`,
];
const AUTHORIZATIONS = ['Basic Og==', 'Basic %%%', 'Bearer x.y.z', 'Bearer', '', 'Digest username="a"'];
const OTHERS: readonly (readonly [string, string])[] = [
  ['accept', 'text/html'],
  ['accept', '*/*;q=nonsense'],
  ['accept-encoding', 'br;q=1e9, *'],
  ['if-none-match', '*'],
  ['if-modified-since', 'yesterday'],
  ['range', 'bytes=0-,1-2'],
  ['x-forwarded-for', "'; DROP TABLE--, 1.2.3.4"],
  ['x-forwarded-host', 'evil.example'],
  ['x-forwarded-proto', 'https'],
  ['x-http-method-override', 'DELETE'],
  ['x-request-id', '../../x'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'nonsense'],
  ['host', 'evil.example'],
  ['host', '[::'],
  ['user-agent', '<script>\u00ff'],
];

const sometimes = (name: string, values: readonly string[], weight: number) =>
  fc.oneof(
    { weight, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.constantFrom(...values).map((value) => ({ [name]: value })) },
  );

/** Headers over the usual ones: most requests carry one or two odd ones. A `cookie` replaces the caller's session. */
export const requestHeaders: fc.Arbitrary<Record<string, string>> = fc
  .tuple(
    sometimes('content-type', CONTENT_TYPES, 8),
    sometimes('idempotency-key', KEYS, 4),
    sometimes('origin', ORIGINS, 15),
    sometimes('sec-fetch-site', FETCH_SITES, 15),
    sometimes('cookie', COOKIES, 30),
    sometimes('authorization', AUTHORIZATIONS, 15),
    fc.array(fc.constantFrom(...OTHERS), { maxLength: 2 }).map((pairs) => Object.fromEntries(pairs)),
  )
  .map((parts) => Object.assign({}, ...parts) as Record<string, string>);
