/**
 * SQL of JSON texts, put together from parts that each know their type: a list of ten thousand rows then costs this process
 * one text, instead of hundreds of thousands of values that it reads, holds and writes out again. `json_build_object` would
 * say the same, and takes twice as long.
 */

/** Any text: escaped. */
export function jsonText(sql: string): string {
  return `coalesce(to_json(${sql})::text, 'null')`;
}

/** A UUID, or a text of which a CHECK or the SQL itself says that nothing in it needs escaping. */
export function jsonWord(sql: string): string {
  return `coalesce('"' || (${sql}) || '"', 'null')`;
}

/** A number or a boolean. */
export function jsonPlain(sql: string): string {
  return `coalesce((${sql})::text, 'null')`;
}

/** A `timestamptz`, as `Date.toISOString` writes it. */
export function jsonTime(sql: string): string {
  return `coalesce('"' || to_char(${sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"', 'null')`;
}

/** Members that are joined before the whole is: each `||` copies what stands before it. */
const GROUP = 8;

/**
 * An object. With `||`, which takes a third of the time of `concat`.
 * @param fields name → SQL of its JSON text, never null; names need no escaping, and are the code's own
 */
export function jsonObject(fields: Readonly<Record<string, string>>): string {
  const members = Object.entries(fields).map(
    ([name, sql], index) => `'${index === 0 ? '{' : ','}"${name}":' || (${sql})`,
  );
  const groups: string[] = [];
  for (let start = 0; start < members.length; start += GROUP)
    groups.push(`(${members.slice(start, start + GROUP).join(' || ')})`);
  return `(${groups.join(' || ')} || '}')`;
}

/** An array of the JSON texts that an aggregate collects: `orderBy` in SQL, or `''`. */
export function jsonArray(itemSql: string, orderBy = ''): string {
  return `('[' || coalesce(string_agg(${itemSql}, ','${orderBy === '' ? '' : ` ORDER BY ${orderBy}`}), '') || ']')`;
}
