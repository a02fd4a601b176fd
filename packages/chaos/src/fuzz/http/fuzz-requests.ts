import fc from 'fast-check';
import { EVIL_JSON, evilTexts } from '../evil-values.ts';
import { mutateJson, mutations } from '../mutate-json.ts';
import type { Api, ApiOperation } from './api-operations.ts';
import { bodiesOfSchema } from './bodies-of-schema.ts';
import { EVIL_QUERY_VALUES, EVIL_SEGMENTS, OTHER_TARGETS } from './evil-urls.ts';
import { requestHeaders } from './request-headers.ts';

const CALLERS = ['nobody', 'viewer', 'admin', 'superadmin'] as const;
export type Caller = (typeof CALLERS)[number];

export interface FuzzRequest {
  readonly method: string;
  /** As it goes on the wire, query included. */
  readonly target: string;
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** Without a Content-Length. */
  readonly isChunked: boolean;
  /** The operation that it was made for; undefined for paths that are no route. */
  readonly operation: ApiOperation | undefined;
}

/** Values for parameters of paths and for fields of bodies, by name: things that are there, and may be changed or removed. */
export type KnownValues = Readonly<Record<string, readonly string[]>>;

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'LINK',
];
/** The server's own; a body of one byte more is refused. */
export const BODY_LIMIT_BYTES = 65_536;

/** Requests to every operation, from those that succeed to noise, and to paths beside them. */
export function fuzzRequests(api: Api, values: KnownValues): fc.Arbitrary<FuzzRequest> {
  // Made once: to make an arbitrary takes far longer than to draw from it.
  const toOperation = api.operations.map((operation) =>
    fc.record({
      method: oftenOr(operation.method, fc.constantFrom(...METHODS)),
      target: fc.tuple(paths(operation, values), queries(operation)).map(([path, query]) => path + query),
      caller: fc.constantFrom(...CALLERS),
      headers: requestHeaders,
      body: bodies(operation, api, values),
      isChunked: fc.boolean(),
      operation: fc.constant(operation),
    }),
  );
  const beside = fc.record({
    method: fc.constantFrom(...METHODS),
    target: otherTargets,
    caller: fc.constantFrom(...CALLERS),
    headers: requestHeaders,
    body: fc.option(
      fc.constantFrom(...EVIL_JSON).map((text) => Buffer.from(text)),
      { nil: undefined },
    ),
    isChunked: fc.boolean(),
    operation: fc.constant(undefined),
  });
  return fc.oneof({ weight: 12, arbitrary: fc.oneof(...toOperation) }, { weight: 1, arbitrary: beside });
}

function oftenOr<T>(often: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 8, arbitrary: fc.constant(often) }, { weight: 1, arbitrary: other });
}

function paths({ path }: ApiOperation, values: KnownValues): fc.Arbitrary<string> {
  const segments = path.split('/').map((segment) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined) return fc.constant(segment);
    const known = fc.constantFrom(...(values[name] ?? ['none']));
    return fc.oneof(
      { weight: 6, arbitrary: known },
      { weight: 1, arbitrary: known.map((value) => value.toUpperCase()) },
      { weight: 1, arbitrary: fc.uuid() },
      { weight: 2, arbitrary: fc.constantFrom(...EVIL_SEGMENTS) },
      { weight: 1, arbitrary: evilTexts.map(percentEncoded) },
    );
  });
  const ends = fc.oneof(
    { weight: 20, arbitrary: fc.constant('') },
    fc.constantFrom('/', '//', '.json', ';a=b', '%2f'),
  );
  return fc.tuple(fc.tuple(...segments), ends).map(([parts, end]) => parts.join('/') + end);
}

/** A lone surrogate has no percent-encoding of its own. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}

function queries({ queryNames }: ApiOperation): fc.Arbitrary<string> {
  const name = fc.constantFrom(
    ...queryNames,
    'limit',
    'cursor',
    'unknown',
    '__proto__',
    'limit[]',
    'a[b][c]',
    '',
  );
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...EVIL_QUERY_VALUES) },
    { weight: 1, arbitrary: evilTexts.map(percentEncoded) },
    {
      weight: 1,
      arbitrary: fc
        .jsonValue({ maxDepth: 1 })
        .map((json) => Buffer.from(JSON.stringify(json)).toString('base64url')),
    },
  );
  const parameters = fc.array(
    fc.tuple(name, value).map(([key, text]) => `${key}=${text}`),
    { minLength: 1, maxLength: 4 },
  );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant('') },
    { weight: 2, arbitrary: parameters.map((all) => `?${all.join('&')}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '?',
        '??',
        '?&&&',
        '?limit',
        '?limit=1&limit=2',
        '?text=a&text=b&text=c',
        '?=',
      ),
    },
  );
}

function bodies(
  { body }: ApiOperation,
  { schemas }: Api,
  values: KnownValues,
): fc.Arbitrary<Buffer | undefined> {
  const valid = body === undefined ? fc.constant<unknown>({}) : bodiesOfSchema(body, { schemas, values });
  const asBytes = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');
  return fc.oneof(
    { weight: body === undefined ? 8 : 1, arbitrary: fc.constant<Buffer | undefined>(undefined) },
    { weight: 4, arbitrary: valid.map(asBytes) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(valid, fc.array(mutations, { minLength: 1, maxLength: 3 }))
        .map(([value, changes]) => asBytes(changes.reduce(mutateJson, value))),
    },
    { weight: 1, arbitrary: fc.constantFrom(...EVIL_JSON).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(BODY_LIMIT_BYTES - 2, BODY_LIMIT_BYTES + 1, 4 * BODY_LIMIT_BYTES)
        .map((size) => asBytes('x'.repeat(size))),
    },
  );
}

const otherTargets: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...OTHER_TARGETS),
  fc
    .array(fc.constantFrom(...EVIL_SEGMENTS), { minLength: 1, maxLength: 4 })
    .map((parts) => `/api/${parts.join('/')}`),
);
