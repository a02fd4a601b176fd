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
import { type ClientCondition, clientFilter } from './client-filter.ts';
import { clientFields } from './client-json.ts';
import { type SortedPage, sortedPage } from './client-sort.ts';
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

interface PagePart {
  readonly filter: ClientCondition;
  readonly page: SortedPage;
  /** Stands in the text: a plan for any limit is made for a tenth of the table. */
  readonly limit: number;
}

/** Goes along an index until the page is full. */
function pageSql({ filter: { condition, grace }, page, limit }: PagePart): string {
  return `SELECT c.uuid, ${jsonObject(clientFields(grace))} AS json, ${page.key} AS sort_key FROM ${CLIENT_TABLES_OF_FEW}
    WHERE ${condition} AND ${page.after} ORDER BY ${page.orderBy} LIMIT ${limit}`;
}

/**
 * Looks at all clients, then at those of the page. The first look doesn't know of the limit (`OFFSET 0`): the planner would
 * hope to fill the page soon, and join one by one what it had better join at once.
 */
function pageOfAllSql({ filter: { condition, grace }, page, limit }: PagePart): string {
  return `WITH page AS MATERIALIZED (
      SELECT * FROM (
        SELECT c.uuid, ${page.key} AS sort_key FROM ${CLIENT_TABLES} WHERE ${condition} AND ${page.after} OFFSET 0
      ) found ORDER BY ${page.orderOfFound} LIMIT ${limit}
    )
    SELECT c.uuid, ${jsonObject(clientFields(grace))} AS json, found.sort_key
    FROM page found JOIN ${CLIENT_TABLES_OF_FEW} ON c.uuid = found.uuid ORDER BY ${page.orderOfFound}`;
}

/** Clients in the order asked for, by keyset. */
export async function listClients(
  { pool, graceSeconds }: ClientReadDeps,
  query: ClientListQuery,
): Promise<JsonText> {
  const filter = clientFilter(query, graceSeconds);
  const page = sortedPage(query, filter);
  const values = [...filter.values, ...page.values];
  const part = { filter, page, limit: query.limit + 1 };
  // An order that an index has leads to few clients, unless a status is looked for: that isn't known before.
  const isFew = page.hasIndex && query.status === undefined;
  const isUsual = isFew && query.text === undefined && USUAL_LIMITS.includes(query.limit);
  const { rows } = await pool.query<ListedRow>(
    isUsual ? prepared(pageSql(part), values) : { text: isFew ? pageSql(part) : pageOfAllSql(part), values },
  );
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
