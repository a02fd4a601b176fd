import fc from 'fast-check';
import type { Api, ApiOperation } from '../http/api-operations.ts';
import { bodiesOfSchema } from '../http/bodies-of-schema.ts';
import type { FuzzRequest, KnownValues } from '../http/fuzz-requests.ts';
import { WRONG_CONTENT_TYPES } from '../http/wrong-content-types.ts';
import {
  HOSTILE_BODIES,
  HOSTILE_ENCODINGS,
  HOSTILE_FIELD_VALUES,
  HOSTILE_HEADERS,
  HOSTILE_PARAMETERS,
  HOSTILE_URL_TEXTS,
  type HostileCategory,
} from './hostile-values.ts';

export interface HostileRequest extends FuzzRequest {
  readonly category: HostileCategory;
}

type Changes = Partial<Pick<FuzzRequest, 'target' | 'headers' | 'body' | 'isChunked'>>;

/** Every hostile thing once for every place of the operation that can take it: fields, body, path, parameters, headers. */
export function hostileRequests(
  operation: ApiOperation,
  api: Api,
  caller: 'nobody' | 'superadmin',
  values: KnownValues,
): readonly HostileRequest[] {
  const valid = validBody(operation, api, values);
  const base: FuzzRequest = {
    method: operation.method,
    target: pathOf(operation, values),
    caller,
    headers: {},
    body: valid === undefined ? undefined : bytes(valid),
    isChunked: false,
    operation,
  };
  const make = (category: HostileCategory, changes: Changes): HostileRequest => ({
    ...base,
    ...changes,
    category,
  });
  return [
    ...fieldRequests(valid, make),
    ...bodyRequests(operation, make),
    ...urlRequests(operation, base.target, make),
    ...HOSTILE_HEADERS.map((headers) => make('credentials', { headers })),
  ];
}

type Make = (category: HostileCategory, changes: Changes) => HostileRequest;

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

/** Each field with each value; and each object within, with keys that reach for the prototype. */
function fieldRequests(valid: Readonly<Record<string, unknown>> | undefined, make: Make): HostileRequest[] {
  const names = Object.keys(valid ?? {});
  return Object.entries(HOSTILE_FIELD_VALUES).flatMap(([category, hostile]) =>
    names.flatMap((name) =>
      hostile.map((value) => make(category as HostileCategory, { body: bytes({ ...valid, [name]: value }) })),
    ),
  );
}

function bodyRequests({ method }: ApiOperation, make: Make): HostileRequest[] {
  if (method === 'GET') return [];
  return [
    ...Object.entries(HOSTILE_BODIES).flatMap(([category, texts]) =>
      texts.flatMap((text) =>
        [false, true].map((isChunked) =>
          make(category as HostileCategory, { body: Buffer.from(text), isChunked }),
        ),
      ),
    ),
    ...WRONG_CONTENT_TYPES.map((type) =>
      make('content_types', { headers: { 'content-type': type }, body: Buffer.from('{}') }),
    ),
    ...HOSTILE_ENCODINGS.map((encoding) =>
      make('content_types', { headers: { 'content-encoding': encoding }, body: Buffer.from('{}') }),
    ),
  ];
}

function urlRequests({ path, queryNames }: ApiOperation, target: string, make: Make): HostileRequest[] {
  return [
    ...Object.entries(HOSTILE_URL_TEXTS).flatMap(([category, texts]) =>
      texts.flatMap((text) =>
        [
          ...(path.includes('{') ? [path.replaceAll(/\{\w+\}/g, () => text)] : []),
          ...queryNames.map((name) => `${target}?${name}=${text}`),
          `${target}/${text}`,
          `${target}?unknown=${text}`,
        ].map((hostile) => make(category as HostileCategory, { target: hostile })),
      ),
    ),
    ...HOSTILE_PARAMETERS.map((parameter) => make('prototype_keys', { target: `${target}?${parameter}` })),
    ...[
      target.replaceAll('/', '//'),
      target.replace('/api', '/api/.'),
      target.replace('/api/', '/api%2f'),
      `/${target.slice(1).replaceAll('/', '%252f')}`,
      `/${target.slice(1).replaceAll('/', '\\')}`,
      `${target};a=b`,
      `${target}.json`,
      `${target}/../../..`,
      `${target}#x`,
      `/%61pi${target.slice(4)}`,
      target.toUpperCase(),
      `${target}/${'a/'.repeat(2000)}`,
    ].map((hostile) => make('path_tricks', { target: hostile })),
  ];
}

function pathOf({ path }: ApiOperation, values: KnownValues): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name]?.[0] ?? 'none');
}

/** One body with every field, so that each can be put to the worse. */
function validBody(
  { body }: ApiOperation,
  { schemas }: Api,
  values: KnownValues,
): Readonly<Record<string, unknown>> | undefined {
  if (body === undefined) return undefined;
  const samples = fc.sample(bodiesOfSchema(body, { schemas, values }), { numRuns: 30, seed: 1 });
  const objects = samples.filter((sample) => typeof sample === 'object' && sample !== null) as object[];
  return Object.assign({}, ...objects) as Record<string, unknown>;
}
