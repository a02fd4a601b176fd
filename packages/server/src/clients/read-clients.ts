import { jsonObject, jsonWord, prepared, type Queryable } from '@infoscreen/prisma';
import {
  type ClientView,
  type clientListQuerySchema,
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  type pageQuerySchema,
  uuidSchema,
} from '@infoscreen/shared-types';
import { z } from 'zod';
import { decodeCursor, pageOfJson } from '../http/cursor.ts';
import type { JsonText } from '../http/define-route.ts';
import { clientFilter } from './client-filter.ts';
import { clientFields } from './client-json.ts';
import { sortedPage } from './client-sort.ts';
import { CLIENT_NAME, CLIENT_TABLES, CLIENT_TABLES_OF_FEW, crashReasonSql } from './client-sql.ts';

/** What reads of clients need. `graceSeconds` is HEARTBEAT_GRACE_SECONDS. */
export interface ClientReadDeps {
  readonly pool: Queryable;
  readonly graceSeconds: number;
}

/** Pages of these sizes are asked for all the time: their statements are prepared. */
const USUAL_LIMITS: readonly number[] = [DEFAULT_PAGE_SIZE, 100, MAX_PAGE_SIZE];

type ClientListQuery = z.output<typeof clientListQuerySchema>;
interface ListedRow {
  readonly uuid: string;
  readonly json: string;
  /** Sort key of the row, as the index has it. */
  readonly sort_key: unknown;
}

const cursorSchema = z.tuple([
  z
    .string()
    .max(255)
    .refine((name) => !name.includes('\u0000')),
  uuidSchema,
]);

/** Whether there is such a client, and it was not deleted. */
export async function clientExists(db: Queryable, uuid: string): Promise<boolean> {
  const { rows } = await db.query(
    prepared('SELECT FROM clients WHERE uuid = $1 AND deleted_at IS NULL', [uuid]),
  );
  return rows.length > 0;
}

/** One client that was not deleted, or null. */
export async function readClient(
  { pool, graceSeconds }: ClientReadDeps,
  uuid: string,
): Promise<ClientView | null> {
  const { rows } = await pool.query<{ json: string }>(
    `SELECT ${jsonObject(clientFields('$2'))} AS json FROM ${CLIENT_TABLES_OF_FEW} WHERE c.uuid = $1 AND c.deleted_at IS NULL`,
    [uuid, graceSeconds],
  );
  return rows[0] === undefined ? null : (JSON.parse(rows[0].json) as ClientView);
}

/** Clients in the order asked for, by keyset. */
export async function listClients(
  { pool, graceSeconds }: ClientReadDeps,
  query: ClientListQuery,
): Promise<JsonText> {
  const filter = clientFilter(query, graceSeconds);
  const page = sortedPage(query, filter);
  // An order that an index has leads to few clients, unless a status is looked for: that isn't known before.
  const isFew = page.hasIndex && query.status === undefined;
  const tables = isFew ? CLIENT_TABLES_OF_FEW : CLIENT_TABLES;
  // The limit stands in the text: a plan for any limit is made for a tenth of the table.
  const statement = `SELECT c.uuid, ${jsonObject(clientFields(filter.grace))} AS json, ${page.key} AS sort_key FROM ${tables}
    WHERE ${filter.condition} AND ${page.after} ORDER BY ${page.orderBy} LIMIT ${query.limit + 1}`;
  const values = [...filter.values, ...page.values];
  const isUsual = isFew && query.text === undefined && USUAL_LIMITS.includes(query.limit);
  const { rows } = await (isUsual
    ? pool.query<ListedRow>(prepared(statement, values))
    : pool.query<ListedRow>(statement, values));
  return pageOfJson(rows, query.limit, (row) => [query.sort, row.sort_key, row.uuid]);
}

/** Clients that count as crashed, by name, with the reason and what recovery does about it. */
export async function listCrashedClients(
  { pool, graceSeconds }: ClientReadDeps,
  { limit, cursor }: z.output<typeof pageQuerySchema>,
): Promise<JsonText> {
  const after = decodeCursor(cursor, cursorSchema);
  const view = jsonObject({ ...clientFields('$1'), crash_reason: jsonWord(crashReasonSql('$1')) });
  const { rows } = await pool.query<ListedRow>(
    `SELECT c.uuid, ${view} AS json, ${CLIENT_NAME} AS sort_key FROM ${CLIENT_TABLES}
     WHERE c.deleted_at IS NULL AND ${crashReasonSql('$1')} IS NOT NULL
       ${after === null ? '' : `AND (${CLIENT_NAME}, c.uuid) > ($3, $4::uuid)`}
     ORDER BY ${CLIENT_NAME}, c.uuid LIMIT $2`,
    [graceSeconds, limit + 1, ...(after ?? [])],
  );
  return pageOfJson(rows, limit, (row) => [row.sort_key, row.uuid]);
}
