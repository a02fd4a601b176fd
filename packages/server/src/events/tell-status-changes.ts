import type { Queryable } from '@infoscreen/prisma';
import { CLIENT_TABLES, clientStatusSql } from '../clients/client-sql.ts';

/** Key of the advisory lock under which statuses are compared; of no other meaning. */
const STATUS_LOCK = 4_907_162_521;

/**
 * Tells of clients whose status is another than the one that was told last. Most statuses change with time alone, when
 * nothing comes any more, so that no message could tell of it. One replica does it at a time; the others pass.
 * The first status of a client is only noted: that there is a new client was told already.
 * @returns how many were told
 */
export async function tellStatusChanges(db: Queryable, graceSeconds: number): Promise<number> {
  const { rowCount } = await db.query(
    `WITH alone AS MATERIALIZED (
       SELECT pg_try_advisory_xact_lock($2) AS locked
     ), present AS (
       SELECT c.uuid, ${clientStatusSql('$1')} AS status FROM ${CLIENT_TABLES}
       WHERE c.deleted_at IS NULL AND (SELECT locked FROM alone)
     ), changed AS (
       INSERT INTO told_statuses AS t (client_uuid, status)
       SELECT p.uuid, p.status FROM present p LEFT JOIN told_statuses k ON k.client_uuid = p.uuid
       WHERE k.status IS DISTINCT FROM p.status ORDER BY p.uuid
       ON CONFLICT (client_uuid) DO UPDATE SET status = excluded.status, since = clock_timestamp()
         WHERE t.status <> excluded.status
       RETURNING client_uuid, (xmax = 0) AS is_new
     )
     INSERT INTO change_log (kind, client_uuid) SELECT 'client', client_uuid FROM changed WHERE NOT is_new`,
    [graceSeconds, STATUS_LOCK],
  );
  return rowCount ?? 0;
}
