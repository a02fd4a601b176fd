import type { Queryable } from '@infoscreen/prisma';
import {
  CLIENT_STATUSES,
  type ClientStatus,
  type clientCountsSchema,
  type clientFilterSchema,
  type clientGroupsSchema,
} from '@infoscreen/shared-types';
import type { z } from 'zod';
import { clientFilter } from './client-filter.ts';
import { CLIENT_TABLES, clientStatusSql } from './client-sql.ts';
import type { ClientReadDeps } from './read-clients.ts';

/** How many clients the filter lets through, in all and by status. */
export async function countClients(
  { pool, graceSeconds }: ClientReadDeps,
  filter: z.output<typeof clientFilterSchema>,
): Promise<z.output<typeof clientCountsSchema>> {
  const { condition, grace, values } = clientFilter(filter, graceSeconds);
  const { rows } = await pool.query<{ status: ClientStatus; count: number }>(
    `SELECT ${clientStatusSql(grace)} AS status, count(*)::int AS count
     FROM ${CLIENT_TABLES} WHERE ${condition} GROUP BY 1`,
    [...values],
  );
  const counted = new Map(rows.map(({ status, count }) => [status, count]));
  const byStatus = Object.fromEntries(
    CLIENT_STATUSES.map((status) => [status, counted.get(status) ?? 0]),
  ) as Record<ClientStatus, number>;
  return { total: rows.reduce((sum, { count }) => sum + count, 0), by_status: byStatus };
}

/** The groups that clients are in, by name; clients without one aren't counted. */
export async function listGroups(pool: Queryable): Promise<z.output<typeof clientGroupsSchema>> {
  const { rows } = await pool.query<{ group: string; count: number }>(
    `SELECT "group", count(*)::int AS count FROM clients
     WHERE deleted_at IS NULL AND "group" IS NOT NULL GROUP BY "group" ORDER BY lower("group"), "group"`,
  );
  return { items: rows, nextCursor: null };
}
