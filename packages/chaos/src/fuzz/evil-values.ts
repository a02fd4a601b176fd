import fc from 'fast-check';

function nested(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { deeper: value };
  return value;
}

const NUMBERS = [
  0,
  -0,
  -1,
  0.1,
  101,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53 + 2,
  -(2 ** 63),
  1e10,
  1e308,
  -1e308,
  5e-324,
];
const TEXTS = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfffx',
  '\ufeff',
  '\u2028',
  '\u001b[31m',
  '😀'.repeat(40),
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(256),
  'x'.repeat(5000),
  "'; DROP TABLE clients; --",
  '<script>alert(1)</script>',
  '%s%n%x',
  '$1',
  '{{7*7}}',
  '../../etc/passwd',
  'null',
  'NaN',
  'infinity',
  '00000000-0000-0000-0000-000000000000',
  'c0ffee00-0000-4000-8000-00000000c0de',
  'C0FFEE00-0000-4000-8000-00000000C0DE',
];
const TIMES = [
  '1970-01-01T00:00:00Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00-14:00',
  '9999-12-31T23:59:59.999999999Z',
  '2999-12-31T23:59:59+14:00',
  '2016-12-31T23:59:60Z',
  '2026-02-30T00:00:00Z',
  '2026-01-01T00:00:00',
  '+275760-09-13T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
];
const PROTOTYPES = [
  { constructor: { prototype: { polluted: true } } },
  JSON.parse('{"__proto__": {"polluted": true}}') as object,
  { toString: null, valueOf: 1, hasOwnProperty: 'x' },
  { length: 1e9 },
];

/** Values that break what is written carelessly: wrong types, bounds, and what a database or a terminal can't take. */
export const evilValues: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], nested(5), nested(200), ...PROTOTYPES),
  fc.constantFrom(...NUMBERS),
  fc.constantFrom(...TEXTS),
  fc.constantFrom(...TIMES),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
);

export const evilTexts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.constantFrom(...TIMES),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** JSON texts, and what only looks like it, that no serializer writes. */
export const EVIL_JSON = [
  '',
  ' ',
  'null',
  'true',
  '0',
  '""',
  '[]',
  '{',
  '{}',
  '{"a":1',
  '{"a":1,}',
  "{'a':1}",
  '{"a":1e999}',
  '{"a":-1e999}',
  '{"a":NaN}',
  '{"__proto__":{"online":true},"online":true}',
  '{"online":true,"online":"twice"}',
  '\ufeff{}',
  '//comment\n{}',
  '{"a":"\\u0000"}',
  '{"a":"\\ud800"}',
  '{"a":"\\x"}',
  '['.repeat(10_000),
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  `{"a":${'9'.repeat(2000)}}`,
] as const;
