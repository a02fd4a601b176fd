import { parseArgs } from 'node:util';
import { z } from 'zod';

/** The highest seed; a random one that is made for a run is below it. */
export const MAX_SEED = 0xffffffff;

/** Digits alone, so that neither an empty text nor `1e3` passes for a number. */
export function wholeNumber({ min = 0, max = 9_999_999_999 } = {}) {
  return z
    .string()
    .regex(/^\d{1,10}$/, 'is a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

/** `--name value` for each name of the schema. @throws one sentence per wrong argument */
export function parseArguments<Schema extends z.ZodObject>(
  schema: Schema,
  args: readonly string[],
): z.output<Schema> {
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.keys(schema.shape).map((name) => [name, { type: 'string' as const }])),
  });
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new Error(
    parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'),
  );
}
