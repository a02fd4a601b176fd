import type { QueryConfig } from 'pg';

/** Each connection keeps what it has prepared: statements beyond these are sent without a name. */
const MAX_NAMES = 200;
const names = new Map<string, string>();

/**
 * A statement that each connection parses and plans once instead of at each call. For texts of the code alone, of which
 * there are few. Not for one whose plan depends on its values, such as `$1 IS NULL OR …`.
 */
export function prepared(text: string, values: readonly unknown[]): QueryConfig {
  const name = names.get(text) ?? newName(text);
  return { text, values: [...values], ...(name === undefined ? {} : { name }) };
}

function newName(text: string): string | undefined {
  if (names.size >= MAX_NAMES) return undefined;
  const name = `p${names.size + 1}`;
  names.set(text, name);
  return name;
}
