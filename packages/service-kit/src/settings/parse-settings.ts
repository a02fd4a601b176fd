import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { StartRefusedError } from './start-refused-error.ts';

type Source = Readonly<Record<string, string | undefined>>;

/** All that is wrong with the settings, one line each: "NAME: what to do". */
export class SettingsError extends StartRefusedError {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings can't be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads settings from environment variables. An empty value counts as not set. Where `NAME` isn't set and `NAME_FILE`
 * is, the value is the content of that file, without the line end: that is how containers hand over secrets.
 * @param schema an object schema with one key per variable
 * @throws SettingsError with all problems together; it never shows a value
 */
export function parseSettings<T>(schema: z.ZodType<T>, source: Source): T {
  const { values, problems } = readValues(
    schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
    source,
  );
  const result = schema.safeParse(values);
  if (!result.success) {
    for (const { path, message } of result.error.issues) {
      const name = path.length === 0 ? 'settings' : path.map(String).join('.');
      if (!problems.some((problem) => problem.startsWith(`${name}_FILE:`)))
        problems.push(`${name}: ${message}`);
    }
  }
  if (!result.success || problems.length > 0) throw new SettingsError(problems);
  return result.data;
}

function readValues(names: readonly string[], source: Source) {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of names.length > 0 ? names : Object.keys(source)) {
    const value = source[name]?.trim();
    if (value !== undefined && value !== '') {
      values[name] = value;
      continue;
    }
    const file = source[`${name}_FILE`]?.trim();
    if (file === undefined || file === '') continue;
    try {
      values[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      problems.push(`${name}_FILE: can't read the file it names (${code})`);
    }
  }
  return { values, problems };
}
