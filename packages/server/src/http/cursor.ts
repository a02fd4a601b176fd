import type { z } from 'zod';
import { JsonText } from './define-route.ts';
import { invalidRequest } from './problem-error.ts';

/** Where the next page begins: the sort key of the last row, opaque to callers. */
export function encodeCursor(key: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(key), 'utf8').toString('base64url');
}

/**
 * Reads a cursor that came back.
 * @throws ProblemError `invalid_request` where it is none that `schema` describes
 */
export function decodeCursor<T extends z.ZodType>(cursor: string | undefined, schema: T): z.output<T> | null {
  if (cursor === undefined) return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw invalidRequest({ in: 'query', path: 'cursor', message: 'must be a cursor that a page returned' });
  }
}

/** Cuts a page off rows of which one more than `limit` was asked for. */
export function pageOfRows<Row, Item>(
  rows: readonly Row[],
  limit: number,
  { item, key }: { item: (row: Row) => Item; key: (row: Row) => readonly unknown[] },
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null,
  };
}

/** The same of rows that carry the JSON of their item already. */
export function pageOfJson<Row extends { readonly json: string }>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => readonly unknown[],
): JsonText {
  const { items, nextCursor } = pageOfRows(rows, limit, { item: (row) => row.json, key });
  return new JsonText(`{"items":[${items.join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}`);
}
