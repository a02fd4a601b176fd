const NAME_WIDTH = 32;
const VALUE_WIDTH = 11;

/** One row: a name and its figures, each in a column of its own. */
export function tableRow(name: string, values: readonly (string | number)[]): string {
  return `  ${name.padEnd(NAME_WIDTH)}${values.map((value) => String(value).padStart(VALUE_WIDTH)).join('')}`;
}
