import type { Queryable } from '@infoscreen/prisma';
import { CLIENT_TABLES, clientStatusSql, MAX_COMPARISON_GAP } from '../clients/client-sql.ts';

export interface StatusComparison {
  /** HEARTBEAT_GRACE_SECONDS. */
  readonly graceSeconds: number;
  /** Nothing is done while the last comparison, by whichever replica, is younger than this. */
  readonly pauseSeconds: number;
}

/** The statement's own time: statuses are those of this moment. */
const NOW = "date_trunc('milliseconds', statement_timestamp())";

/**
 * Compares the statuses of all clients with those that were told last, and tells of each that is another. Most statuses
 * change with time alone, when nothing comes any more, so that no message could tell of it. One replica does it at a time;
 * the others pass. The first status of a client is told as well: it may be another than when the client was told.
 *
 * `since` is the comparison that first found the status, so never before it began. `unbroken_since` moves on when none
 * happened for longer than `MAX_COMPARISON_GAP`: what changed away and back meanwhile, nobody saw.
 * @returns how many were told
 */
export async function tellStatusChanges(
  db: Queryable,
  { graceSeconds, pauseSeconds }: StatusComparison,
): Promise<number> {
  const { rowCount } = await db.query(
    `WITH turn AS MATERIALIZED (
       SELECT id FROM status_comparison
       WHERE compared_at IS NULL
         OR compared_at NOT BETWEEN ${NOW} - make_interval(secs => $2) AND ${NOW} + ${MAX_COMPARISON_GAP}
       FOR UPDATE SKIP LOCKED
     ), taken AS (
       UPDATE status_comparison w SET compared_at = ${NOW},
         unbroken_since = CASE WHEN compared_at BETWEEN ${NOW} - ${MAX_COMPARISON_GAP} AND ${NOW} + ${MAX_COMPARISON_GAP}
           THEN unbroken_since ELSE ${NOW} END
       FROM turn WHERE w.id = turn.id
     ), present AS (
       SELECT c.uuid, ${clientStatusSql('$1')} AS status FROM ${CLIENT_TABLES}
       WHERE c.deleted_at IS NULL AND EXISTS (SELECT FROM turn)
     ), changed AS (
       INSERT INTO told_statuses AS t (client_uuid, status, since)
       SELECT p.uuid, p.status, ${NOW} FROM present p LEFT JOIN told_statuses k ON k.client_uuid = p.uuid
       WHERE k.status IS DISTINCT FROM p.status ORDER BY p.uuid
       ON CONFLICT (client_uuid) DO UPDATE SET status = excluded.status, since = excluded.since
         WHERE t.status <> excluded.status
       RETURNING client_uuid
     )
     INSERT INTO change_log (kind, client_uuid) SELECT 'client', client_uuid FROM changed`,
    [graceSeconds, pauseSeconds],
  );
  return rowCount ?? 0;
}
