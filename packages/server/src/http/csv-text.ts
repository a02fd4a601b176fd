import { stringify } from 'csv-stringify/sync';

export const CSV_MEDIA_TYPE = 'text/csv';

/**
 * Rows as spreadsheets read them: RFC 4180, behind a byte order mark, without which they take it for another encoding than
 * UTF-8. What they would run as a formula has an apostrophe before it.
 * @param isFirst whether a file begins with these rows: then the header stands before them
 */
export function csvText(
  rows: readonly object[],
  { columns, isFirst }: { readonly columns: readonly string[]; readonly isFirst: boolean },
): string {
  return stringify([...rows], {
    columns: [...columns],
    header: isFirst,
    bom: isFirst,
    record_delimiter: 'windows',
    escape_formulas: true,
  });
}

/** `name` with the present time in it, to the second: two files of one day can be told apart. */
export function exportFileName(name: string, extension: string): string {
  const now = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${name}-${now}Z.${extension}`;
}
