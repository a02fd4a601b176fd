import fc from 'fast-check';
import { evilValues } from './evil-values.ts';

/** One change to a JSON value. `at` picks the place, modulo how many there are. */
export type Mutation =
  | { readonly kind: 'replace'; readonly at: number; readonly value: unknown }
  | { readonly kind: 'remove'; readonly at: number }
  | { readonly kind: 'wrap'; readonly at: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly times: number }
  | { readonly kind: 'add'; readonly name: string; readonly value: unknown };

const NAMES = [
  'uuid',
  'client_uuid',
  '__proto__',
  'constructor',
  'toString',
  'unknown_field',
  '',
  '\u0000',
  'a.b',
];

export const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('replace' as const), at: fc.nat(), value: evilValues }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wrap' as const), at: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('repeat' as const),
      at: fc.nat(),
      times: fc.constantFrom(2, 9, 65, 500),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      name: fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'binary', maxLength: 8 })),
      value: evilValues,
    }),
  },
);

/** A changed copy; places are the value's own entries, at any depth. */
export function mutateJson(value: unknown, mutation: Mutation): unknown {
  if (mutation.kind === 'add') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return withEntry(value, mutation.name, mutation.value);
  }
  const paths = pathsOf(value);
  const path = paths[mutation.at % Math.max(1, paths.length)];
  return path === undefined ? value : changeAt(value, path, mutation);
}

function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    [key],
    ...pathsOf(child).map((path) => [key, ...path]),
  ]);
}

function changeAt(value: unknown, [key = '', ...rest]: readonly string[], mutation: Mutation): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const child = (value as Readonly<Record<string, unknown>>)[key];
  if (rest.length > 0) return withEntry(value, key, changeAt(child, rest, mutation));
  switch (mutation.kind) {
    case 'replace':
      return withEntry(value, key, mutation.value);
    case 'wrap':
      return withEntry(value, key, [child]);
    case 'repeat':
      return withEntry(value, key, Array(mutation.times).fill(child));
    default:
      return Array.isArray(value)
        ? value.filter((_, index) => String(index) !== key)
        : Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  }
}

/** Defined, not assigned: `__proto__` becomes an entry like any other. */
function withEntry(value: object, key: string, entry: unknown): unknown {
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === key ? entry : item));
  const entries = Object.entries(value).filter(([name]) => name !== key);
  return Object.fromEntries([...entries, [key, entry]]);
}
