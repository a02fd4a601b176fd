import type { Queryable } from '@infoscreen/prisma';
import { type clientListQuerySchema, type pageQuerySchema, uuidSchema } from '@infoscreen/shared-types';
import { z } from 'zod';
import { decodeCursor, pageOfRows } from '../http/cursor.ts';
import { AFTER_FILTER, CLIENT_FILTER, filterValues, GRACE } from './client-filter.ts';
import { sortedPage } from './client-sort.ts';
import { CLIENT_COLUMNS, CLIENT_NAME, CLIENT_TABLES, crashReasonSql } from './client-sql.ts';
import { type ClientRow, clientView, crashReasonOf } from './client-view.ts';

/** What reads of clients need. `graceSeconds` is HEARTBEAT_GRACE_SECONDS. */
export interface ClientReadDeps {
  readonly pool: Queryable;
  readonly graceSeconds: number;
}

type ClientListQuery = z.output<typeof clientListQuerySchema>;
interface NamedRow extends ClientRow {
  /** Sort key of the row, as the index has it. */
  readonly name: string;
}

const cursorSchema = z.tuple([
  z
    .string()
    .max(255)
    .refine((name) => !name.includes('\u0000')),
  uuidSchema,
]);
const cursorKey = (row: NamedRow) => [row.name, row.uuid];

/** One client that was not deleted, or null. */
export async function readClientRow(db: Queryable, uuid: string): Promise<ClientRow | null> {
  const { rows } = await db.query<ClientRow>(
    `SELECT ${CLIENT_COLUMNS} FROM ${CLIENT_TABLES} WHERE c.uuid = $1 AND c.deleted_at IS NULL`,
    [uuid],
  );
  return rows[0] ?? null;
}

/** Clients in the order asked for, by keyset. */
export async function listClients({ pool, graceSeconds }: ClientReadDeps, query: ClientListQuery) {
  const page = sortedPage(query, { grace: GRACE, next: AFTER_FILTER + 1 });
  const { rows } = await pool.query<ClientRow & { readonly sort_key: unknown }>(
    `SELECT ${CLIENT_COLUMNS}, ${page.key} AS sort_key FROM ${CLIENT_TABLES}
     WHERE ${CLIENT_FILTER} AND ${page.after} ORDER BY ${page.orderBy} LIMIT $${AFTER_FILTER}`,
    [...filterValues(query, graceSeconds), query.limit + 1, ...page.values],
  );
  return pageOfRows(rows, query.limit, {
    item: (row) => clientView(row, graceSeconds),
    key: (row) => [query.sort, row.sort_key, row.uuid],
  });
}

/** Clients that count as crashed, by name, with the reason and what recovery does about it. */
export async function listCrashedClients(
  { pool, graceSeconds }: ClientReadDeps,
  { limit, cursor }: z.output<typeof pageQuerySchema>,
) {
  const after = decodeCursor(cursor, cursorSchema);
  const { rows } = await pool.query<NamedRow>(
    `SELECT ${CLIENT_COLUMNS}, ${CLIENT_NAME} AS name FROM ${CLIENT_TABLES}
     WHERE c.deleted_at IS NULL AND ${crashReasonSql('$1')} IS NOT NULL
       AND ($2::text IS NULL OR (${CLIENT_NAME}, c.uuid) > ($2, $3::uuid))
     ORDER BY ${CLIENT_NAME}, c.uuid LIMIT $4`,
    [graceSeconds, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  return pageOfRows(rows, limit, {
    item: (row) => ({
      ...clientView(row, graceSeconds),
      // The row came because SQL says that it is crashed; the rule gives the same reason.
      crash_reason: crashReasonOf(row, graceSeconds) ?? ('heartbeat_stale' as const),
    }),
    key: cursorKey,
  });
}
