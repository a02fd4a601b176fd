import type { Queryable } from '@infoscreen/prisma';

/** More units than a screen has; further failures would make pages long, and reads of all clients slow. */
export const MAX_OPEN_FAILURES = 200;

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
 * @returns whether a failure was opened by it; `too_many`: it would have been, had the client not enough of them open
 * @param db a transaction that has locked the client's state, so that two reports of one client don't cross
 */
export async function recordFailure(
  db: Queryable,
  failure: ReportedFailure,
): Promise<'opened' | 'known' | 'too_many'> {
  if (await wouldBeTooMany(db, failure)) return 'too_many';
  return (await open(db, failure)) ? 'opened' : 'known';
}

async function wouldBeTooMany(
  db: Queryable,
  { clientUuid, unit, failedAt }: ReportedFailure,
): Promise<boolean> {
  const { rows } = await db.query<{ is_too_many: boolean }>(
    `SELECT count(*) >= $4 AND NOT coalesce(bool_or(unit = $2 AND ($3::timestamptz IS NULL OR failed_at = $3::timestamptz(3))), false)
       AS is_too_many
     FROM service_failures WHERE client_uuid = $1 AND cleared_at IS NULL`,
    [clientUuid, unit, failedAt, MAX_OPEN_FAILURES],
  );
  return rows[0]?.is_too_many === true;
}

async function open(db: Queryable, failure: ReportedFailure): Promise<boolean> {
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
