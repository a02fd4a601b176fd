/** Kinds of requests that somebody with bad intentions sends; each is sent to every operation of the API. */
export const HOSTILE_CATEGORIES = [
  'wrong_types',
  'huge',
  'nested',
  'null_bytes',
  'prototype_keys',
  'sql_fragments',
  'template_fragments',
  'content_types',
  'path_tricks',
  'header_injection',
  'credentials',
  'framing',
] as const;
export type HostileCategory = (typeof HOSTILE_CATEGORIES)[number];

function nested(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { deeper: value };
  return value;
}

/** JSON that `JSON.parse` makes an own key `__proto__` of. */
const protoKey = (value: string) => JSON.parse(`{"__proto__":${value}}`) as object;

/** Values for each field of each body. */
export const HOSTILE_FIELD_VALUES: Readonly<Partial<Record<HostileCategory, readonly unknown[]>>> = {
  wrong_types: [null, true, 0, -1, 1.5, 'x', '', [], [null], ['x'], {}, { a: 1 }],
  huge: ['x'.repeat(60_000), '😀'.repeat(10_000), 1e308, -1e308, 2 ** 53 + 2, -(2 ** 63), 5e-324],
  nested: [nested(20), nested(500), nested(3000)],
  null_bytes: ['\u0000', 'a\u0000b', `${'x'.repeat(20)}\u0000`, ['\u0000'], { '\u0000': '\u0000' }],
  prototype_keys: [
    protoKey('{"polluted":true}'),
    { constructor: { prototype: { polluted: true } } },
    protoKey('null'),
    { toString: null, valueOf: 1, hasOwnProperty: 'x' },
    '__proto__',
  ],
  sql_fragments: [
    "'; DROP TABLE clients; --",
    "' OR '1'='1",
    '1; SELECT pg_sleep(10)--',
    "\\'; DELETE FROM users; --",
    '$1',
    "' UNION ALL VALUES (current_user)--",
  ],
  template_fragments: [
    '{{7*7}}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a careless template would evaluate
    '${7*7}',
    '<%= 7*7 %>',
    '#{7*7}',
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '%s%n%x',
    '{{constructor.constructor("return process")()}}',
  ],
};

/** Bodies that are no object of fields, as they stand on the wire. */
export const HOSTILE_BODIES: Readonly<Partial<Record<HostileCategory, readonly string[]>>> = {
  wrong_types: ['null', 'true', '0', '""', '[]', '[{}]', '{"a":', '{"a":1,}', "{'a':1}", '{"a":NaN}', ''],
  huge: [
    `{"a":"${'x'.repeat(65_536)}"}`,
    `{"a":"${'x'.repeat(1_000_000)}"}`,
    `{"a":${'9'.repeat(5000)}}`,
    `{"a":1e999999}`,
    `{${Array.from({ length: 4000 }, (_, n) => `"k${n}":1`).join(',')}}`,
  ],
  nested: [
    '['.repeat(30_000),
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    `${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`,
  ],
  prototype_keys: [
    '{"__proto__":{"role":"superadmin","isAdmin":true}}',
    '{"constructor":{"prototype":{"role":"superadmin"}}}',
    '{"__proto__":null,"toString":1}',
    '{"__proto__":{"__proto__":{"polluted":1}}}',
  ],
};
export const HOSTILE_ENCODINGS = ['gzip', 'br', 'deflate', 'identity, gzip', 'nonsense', 'gzip, gzip, gzip'];

/** In the place of an id, of the value of each parameter, and behind the path; already encoded. */
export const HOSTILE_URL_TEXTS: Readonly<Partial<Record<HostileCategory, readonly string[]>>> = {
  huge: ['x'.repeat(6000), '9'.repeat(400), '-99999999999999999999'],
  null_bytes: ['%00', 'a%00b', '%2500'],
  prototype_keys: ['__proto__', 'constructor', 'prototype', 'hasOwnProperty'],
  sql_fragments: ["'%20OR%20'1'='1", '1;%20DROP%20TABLE%20users--', '%27%3BSELECT%20pg_sleep(10)--'],
  template_fragments: ['%7B%7B7*7%7D%7D', '$%7B7*7%7D', '%3Cscript%3Ealert(1)%3C/script%3E'],
  path_tricks: [
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e',
    '%252e%252e%252f',
    '..',
    '.',
    '%c0%ae%c0%ae',
    '%ff',
    '%',
    '%u002e',
    '..%5c..%5cwindows',
    '%2f%2f',
    'a%2fb',
  ],
  header_injection: [
    '%0d%0aX-Injected:%20yes',
    '%0aX-Injected:yes',
    'x%0d%0a%0d%0aHTTP/1.1%20200%20OK',
    '%E5%98%8A%E5%98%8DX-Injected:yes',
  ],
};

/** Names of parameters that mean something to careless parsers. */
export const HOSTILE_PARAMETERS = [
  '__proto__[polluted]=1',
  'constructor[prototype][a]=1',
  'a[b][c]=1',
  'limit[]=1',
];

export const HOSTILE_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { cookie: 'infoscreen.sid=s%3Aforged.signature' },
  { cookie: `infoscreen.sid=${'x'.repeat(7000)}` },
  { cookie: 'infoscreen.sid=j%3A%7B%22login%22%3A%7B%22userId%22%3A1%7D%7D' },
  { cookie: 'infoscreen.sid=s%3A%00.%00; infoscreen.sid=%' },
  { cookie: Array.from({ length: 200 }, (_, n) => `c${n}=${'y'.repeat(20)}`).join('; ') },
  { cookie: "infoscreen.sid=s%3A' OR '1'='1.x" },
  { authorization: 'Bearer x.y.z' },
  { authorization: `Bearer ${'x'.repeat(6000)}` },
  { authorization: 'Basic %%%' },
  { authorization: "Bearer ' OR 1=1--" },
  { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoic3VwZXJhZG1pbiJ9.' },
];
