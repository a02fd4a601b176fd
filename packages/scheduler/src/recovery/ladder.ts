import type { Queryable } from '@infoscreen/prisma';

export interface StepClaim {
  readonly clientUuid: string;
  /** Attempts that the caller has seen; another number means that another scheduler was faster. */
  readonly seenAttempts: number;
  readonly action: 'restart_app' | 'reboot_host';
  readonly nextInSeconds: number;
}

/**
 * Takes the next step of a ladder, or begins one. Of two schedulers, one gets `true`; and none does where the ladder was
 * removed since the caller read it.
 */
export async function claimStep(
  db: Queryable,
  { clientUuid, seenAttempts, action, nextInSeconds }: StepClaim,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO crash_recoveries AS r (client_uuid, attempts, step, next_at, updated_at)
     SELECT $1::uuid, $2::int + 1, $3, clock_timestamp() + make_interval(secs => $4), clock_timestamp()
     WHERE $2 = 0 OR EXISTS (SELECT FROM crash_recoveries WHERE client_uuid = $1::uuid)
     ON CONFLICT (client_uuid) DO UPDATE
       SET attempts = excluded.attempts, step = excluded.step, next_at = excluded.next_at, updated_at = excluded.updated_at
       WHERE r.attempts = $2 AND r.exhausted_at IS NULL AND (r.next_at IS NULL OR r.next_at <= clock_timestamp())`,
    [clientUuid, seenAttempts, action, nextInSeconds],
  );
  return rowCount === 1;
}

/** Gives a claimed step back, since its command wasn't issued; it is tried again soon. Fenced by the attempt. */
export async function returnStep(
  db: Queryable,
  { clientUuid, seenAttempts }: StepClaim,
  retryInSeconds: number,
): Promise<void> {
  await db.query(
    `UPDATE crash_recoveries SET attempts = $2, next_at = clock_timestamp() + make_interval(secs => $3)
     WHERE client_uuid = $1 AND attempts = $2 + 1`,
    [clientUuid, seenAttempts, retryInSeconds],
  );
}

export async function noteCommand(db: Queryable, clientUuid: string, commandId: string): Promise<void> {
  await db.query('UPDATE crash_recoveries SET last_command_id = $2 WHERE client_uuid = $1', [
    clientUuid,
    commandId,
  ]);
}

/** @returns whether this call was the one that ended the ladder */
export async function exhaustLadder(db: Queryable, clientUuid: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE crash_recoveries SET step = 'exhausted', exhausted_at = clock_timestamp(), next_at = NULL, updated_at = clock_timestamp()
     WHERE client_uuid = $1 AND exhausted_at IS NULL`,
    [clientUuid],
  );
  return rowCount === 1;
}

export async function noteWellSince(db: Queryable, clientUuid: string, isWell: boolean): Promise<void> {
  await db.query(
    `UPDATE crash_recoveries SET healthy_since = CASE WHEN $2 THEN coalesce(healthy_since, clock_timestamp()) END,
       updated_at = clock_timestamp() WHERE client_uuid = $1`,
    [clientUuid, isWell],
  );
}

export async function forgetLadder(db: Queryable, clientUuid: string): Promise<void> {
  await db.query('DELETE FROM crash_recoveries WHERE client_uuid = $1 AND healthy_since IS NOT NULL', [
    clientUuid,
  ]);
}
