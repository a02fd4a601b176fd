const EARLIEST = Date.UTC(1970, 0, 1);
const LATEST = Date.UTC(9999, 11, 31);

/** A time of a query that passed its schema, kept within what the database can compare; nothing is older or newer. */
export function queryTime(text: string): Date {
  return new Date(Math.min(Math.max(Date.parse(text), EARLIEST), LATEST));
}
