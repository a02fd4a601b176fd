import fc from 'fast-check';
import type { BodySchema } from './api-operations.ts';

/** Schemas by name, for `$ref`; and values of some fields that are taken, by the field's name. */
interface Sources {
  readonly schemas: Readonly<Record<string, BodySchema>>;
  readonly values: Readonly<Record<string, readonly string[]>>;
}

const TEXTS = ['hall-1', 'a-group', 'player.service', 'Ärger im Foyer', 'viewer', 'a-long-enough-password-1'];

/** Bodies that mostly fit the schema: patterns are met by luck alone, which leaves enough that do not. */
export function bodiesOfSchema(schema: BodySchema, sources: Sources): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const named = sources.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return named === undefined ? fc.constant(null) : bodiesOfSchema(named, sources);
  }
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one) => bodiesOfSchema(one, sources)));
  switch (schema.type) {
    case 'object':
      return objects(schema, sources);
    case 'array':
      return fc.array(bodiesOfSchema(schema.items ?? {}, sources), { maxLength: 3 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1) });
    default:
      return schema.format === 'uuid' ? fc.uuid() : texts(schema);
  }
}

function objects({ properties = {}, required = [] }: BodySchema, sources: Sources): fc.Arbitrary<unknown> {
  const entries = Object.entries(properties).map(([name, schema]) => {
    const taken = sources.values[name];
    const made = bodiesOfSchema(schema, sources);
    return [name, taken === undefined ? made : fc.oneof(fc.constantFrom(...taken), made)];
  });
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [...required],
  });
}

function texts({ maxLength = 60 }: BodySchema): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...TEXTS),
    fc.stringMatching(/^[a-z][a-z0-9._-]{3,12}$/),
    fc.string({ unit: 'grapheme', maxLength: Math.min(maxLength, 80) }),
    fc.constant('x'.repeat(Math.min(maxLength, 2000))),
  );
}
