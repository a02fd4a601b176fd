import type { Queryable } from '@infoscreen/prisma';

export interface ReportedFailure {
  readonly clientUuid: string;
  readonly unit: string;
  /** By the device's clock; `null` where it didn't tell. */
  readonly failedAt: Date | null;
  readonly reason: string | null;
  readonly restarts: number | null;
  /** Told before, or told with every health report: without `failedAt` it can't be told from one that was cleared. */
  readonly isRepeat: boolean;
}

/**
 * Records a failure, which is (client, unit, failed_at): a repeat of an open one changes at most its details, a repeat of
 * a cleared one nothing, and a newer one is open again. Without `failedAt`, an open failure of the unit absorbs it.
 * @returns whether a failure was opened by it
 * @param db a transaction that has locked the client's state, so that two reports of one client don't cross
 */
export async function recordFailure(db: Queryable, failure: ReportedFailure): Promise<boolean> {
  const { clientUuid, unit, failedAt, reason, restarts, isRepeat } = failure;
  if (failedAt !== null) {
    const { rows } = await db.query<{ is_new: boolean }>(KNOWN_TIME_SQL, [
      clientUuid,
      unit,
      reason,
      restarts,
      failedAt,
    ]);
    return rows[0]?.is_new === true;
  }
  const { rowCount: absorbed } = await db.query(ABSORB_SQL, [clientUuid, unit, reason, restarts]);
  if (absorbed !== 0) return false;
  const { rowCount: opened } = await db.query(UNKNOWN_TIME_SQL, [
    clientUuid,
    unit,
    reason,
    restarts,
    isRepeat,
  ]);
  return opened === 1;
}

/** One that is older than what was cleared is late news. */
const KNOWN_TIME_SQL = `
  INSERT INTO service_failures AS f (client_uuid, unit, reason, restarts, failed_at, reported_at)
  SELECT $1, $2, $3, $4, $5::timestamptz(3), clock_timestamp()
  WHERE NOT EXISTS (
    SELECT FROM service_failures WHERE client_uuid = $1 AND unit = $2 AND cleared_at IS NOT NULL AND failed_at > $5::timestamptz(3))
  ON CONFLICT (client_uuid, unit, failed_at) DO UPDATE
  SET reason = coalesce(excluded.reason, f.reason), restarts = coalesce(excluded.restarts, f.restarts)
  WHERE f.cleared_at IS NULL
  RETURNING (xmax = 0) AS is_new`;

const ABSORB_SQL = `
  UPDATE service_failures SET reason = coalesce($3, reason), restarts = coalesce($4, restarts)
  WHERE client_uuid = $1 AND unit = $2 AND cleared_at IS NULL`;

const UNKNOWN_TIME_SQL = `
  INSERT INTO service_failures (client_uuid, unit, reason, restarts, failed_at, reported_at)
  SELECT $1, $2, $3, $4, clock_timestamp(), clock_timestamp()
  WHERE NOT ($5 AND EXISTS (SELECT FROM service_failures WHERE client_uuid = $1 AND unit = $2))`;
