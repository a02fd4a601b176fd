import type { Queryable } from '@infoscreen/prisma';
import { type pageQuerySchema, type serviceFailureSchema, uuidSchema } from '@infoscreen/shared-types';
import { z } from 'zod';
import { decodeCursor, pageOfRows } from '../http/cursor.ts';
import { queryTime } from '../http/query-time.ts';

type FailureView = z.output<typeof serviceFailureSchema>;
interface FailureRow {
  readonly id: string;
  readonly client_uuid: string;
  readonly hostname: string | null;
  readonly unit: string;
  readonly failed_at: Date;
  readonly reported_at: Date;
  readonly reason: string | null;
  readonly restarts: number | null;
  readonly cleared_at: Date | null;
  readonly cleared_by: string | null;
  readonly comment: string | null;
}

const COLUMNS =
  'f.id, f.client_uuid, c.hostname, f.unit, f.failed_at, f.reported_at, f.reason, f.restarts, f.cleared_at, f.cleared_by, f.comment';
const cursorSchema = z.tuple([z.iso.datetime(), uuidSchema]);

function failureView(row: FailureRow): FailureView {
  return {
    ...row,
    failed_at: row.failed_at.toISOString(),
    reported_at: row.reported_at.toISOString(),
    cleared_at: row.cleared_at?.toISOString() ?? null,
  };
}

type PageQuery = z.output<typeof pageQuerySchema>;

/** Open failures of all clients, newest first. */
export function listOpenFailures(db: Queryable, query: PageQuery) {
  return readPage(db, query, { which: 'f.cleared_at IS NULL AND c.deleted_at IS NULL', values: [] });
}

/** Failures of one client, open and cleared, newest first. */
export function listFailuresOfClient(db: Queryable, clientUuid: string, query: PageQuery) {
  return readPage(db, query, { which: 'f.client_uuid = $4', values: [clientUuid] });
}

async function readPage(
  db: Queryable,
  { limit, cursor }: PageQuery,
  { which, values }: { readonly which: string; readonly values: readonly unknown[] },
) {
  const before = decodeCursor(cursor, cursorSchema);
  const { rows } = await db.query<FailureRow>(
    `SELECT ${COLUMNS} FROM service_failures f JOIN clients c ON c.uuid = f.client_uuid
     WHERE ${which} AND ($1::timestamptz IS NULL OR f.failed_at < $1 OR (f.failed_at = $1 AND f.id > $2::uuid))
     ORDER BY f.failed_at DESC, f.id LIMIT $3`,
    [before === null ? null : queryTime(before[0]), before?.[1] ?? null, limit + 1, ...values],
  );
  return pageOfRows(rows, limit, { item: failureView, key: (row) => [row.failed_at.toISOString(), row.id] });
}

export type ClearFailuresResult =
  | { readonly outcome: 'cleared'; readonly failures: FailureView[] }
  | { readonly outcome: 'client_not_found' | 'no_open_failure' };

/**
 * Clears the open failures of a client, or those of one unit. A later repeat of a cleared failure (same unit and
 * `failed_at`) changes nothing; a newer one opens it again.
 */
export async function clearFailures(
  db: Queryable,
  {
    clientUuid,
    unit,
    comment,
    clearedBy,
  }: { clientUuid: string; unit: string | undefined; comment: string | undefined; clearedBy: string },
): Promise<ClearFailuresResult> {
  const { rows } = await db.query<FailureRow>(
    `UPDATE service_failures f SET cleared_at = now(), cleared_by = $3, comment = $4
     FROM clients c
     WHERE f.client_uuid = $1 AND f.cleared_at IS NULL AND ($2::text IS NULL OR f.unit = $2)
       AND c.uuid = f.client_uuid AND c.deleted_at IS NULL
     RETURNING ${COLUMNS}`,
    [clientUuid, unit ?? null, clearedBy, comment ?? null],
  );
  if (rows.length > 0) return { outcome: 'cleared', failures: rows.map(failureView) };
  const { rows: clients } = await db.query('SELECT FROM clients WHERE uuid = $1 AND deleted_at IS NULL', [
    clientUuid,
  ]);
  return { outcome: clients.length === 0 ? 'client_not_found' : 'no_open_failure' };
}
