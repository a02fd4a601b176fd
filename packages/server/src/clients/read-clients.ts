import type { Queryable } from '@infoscreen/prisma';
import { type clientListQuerySchema, uuidSchema } from '@infoscreen/shared-types';
import { z } from 'zod';
import { decodeCursor, pageOfRows } from '../http/cursor.ts';
import {
  CLIENT_COLUMNS,
  CLIENT_NAME,
  CLIENT_TABLES,
  clientStatusSql,
  containsPattern,
  crashReasonSql,
} from './client-sql.ts';
import { type ClientRow, clientView, crashReasonOf, recoveryView } from './client-view.ts';

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

/** Clients by name, by keyset. */
export async function listClients({ pool, graceSeconds }: ClientReadDeps, query: ClientListQuery) {
  const after = decodeCursor(query.cursor, cursorSchema);
  const { rows } = await pool.query<NamedRow>(
    `SELECT ${CLIENT_COLUMNS}, ${CLIENT_NAME} AS name FROM ${CLIENT_TABLES}
     WHERE c.deleted_at IS NULL
       AND ($1::text IS NULL OR (${CLIENT_NAME}, c.uuid) > ($1, $2::uuid))
       AND ($3::text IS NULL OR ${clientStatusSql('$4')} = $3)
       AND ($5::text IS NULL OR c."group" = $5)
       AND ($6::text IS NULL OR concat_ws(E'\\n', c.uuid::text, c.hostname, c.description, c."group", c.ip) ILIKE $6)
     ORDER BY ${CLIENT_NAME}, c.uuid LIMIT $7`,
    [
      after?.[0] ?? null,
      after?.[1] ?? null,
      query.status ?? null,
      graceSeconds,
      query.group ?? null,
      query.text === undefined ? null : containsPattern(query.text),
      query.limit + 1,
    ],
  );
  return pageOfRows(rows, query.limit, { item: (row) => clientView(row, graceSeconds), key: cursorKey });
}

/** Clients that count as crashed, by name, with the reason and what recovery does about it. */
export async function listCrashedClients(
  { pool, graceSeconds }: ClientReadDeps,
  { limit, cursor }: Pick<ClientListQuery, 'limit' | 'cursor'>,
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
      recovery: recoveryView(row),
    }),
    key: cursorKey,
  });
}
