import type { Queryable } from '@infoscreen/prisma';
import { COMMAND_ERROR_CODES, EXPIRY_ERROR_CODES, TRANSITIONS } from '@infoscreen/shared-types';

const FIRST_BATCH = 500;
const SMALLEST_BATCH = 50;
const LARGEST_BATCH = 5000;
/** A batch holds its rows for about so long, however fast the database is just now. */
const BATCH_TARGET_MS = 40;
/** Of one sweep; the next one goes on. */
const MAX_EXPIRED = 200_000;

/** `WHEN status THEN code` for each state in which time can run out, from the shared table. */
const ERROR_CODE_BY_STATUS = Object.entries(EXPIRY_ERROR_CODES)
  .map(([status, code]) => `WHEN '${status}' THEN '${code}'`)
  .join(' ');
const MESSAGE_BY_CODE = [...new Set(Object.values(EXPIRY_ERROR_CODES))]
  .map((code) => `WHEN '${code}' THEN '${COMMAND_ERROR_CODES[code]}'`)
  .join(' ');
const BEFORE_START = TRANSITIONS.expire.from
  .filter((status) => status !== 'execution_started')
  .map((status) => `'${status}'`);

/** Before the start `expires_at` counts, afterwards the result's own time. The database's clock decides. */
const DUE = [
  `status IN (${BEFORE_START.join(', ')}) AND expires_at <= now() ORDER BY expires_at`,
  `status = 'execution_started' AND result_due_at <= now() ORDER BY result_due_at`,
];

const sweepBatch = (due: string) => `
  WITH due AS (
    SELECT command_id, status FROM client_commands WHERE ${due} LIMIT $1 FOR UPDATE SKIP LOCKED
  ), expired AS (
    UPDATE client_commands c
    SET status = 'expired', finished_at = clock_timestamp(), lease_until = NULL, next_publish_at = NULL,
      error_code = CASE due.status ${ERROR_CODE_BY_STATUS} END,
      error_message = CASE (CASE due.status ${ERROR_CODE_BY_STATUS} END) ${MESSAGE_BY_CODE} END
    FROM due WHERE c.command_id = due.command_id AND c.status = due.status
    RETURNING c.command_id, due.status AS from_status, c.status, c.error_code
  ), recorded AS (
    INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, error_code)
    SELECT command_id, 'transition', from_status, status, 'sweep', $2, error_code FROM expired
  )
  SELECT count(*)::int AS expired FROM expired`;

/**
 * Expires every command whose time has run out, with a code that says how far it came, in batches that hold no
 * row for long. A row that another
 * process holds is skipped: an ACK that is faster wins, and the next sweep looks again.
 * @returns how many were expired
 */
export async function sweepExpiredCommands({
  pool,
  instance,
}: {
  readonly pool: Queryable;
  readonly instance: string;
}): Promise<{ readonly expired: number }> {
  let expired = 0;
  for (const due of DUE) {
    let size = FIRST_BATCH;
    while (expired < MAX_EXPIRED) {
      const startedAt = performance.now();
      const { rows } = await pool.query<{ expired: number }>(sweepBatch(due), [size, instance]);
      const count = rows[0]?.expired ?? 0;
      expired += count;
      if (count < size) break;
      size = nextBatchSize(size, performance.now() - startedAt);
    }
  }
  return { expired };
}

/** Grows slowly and shrinks at once: what a batch took says little of one that is much larger. */
export function nextBatchSize(size: number, tookMs: number): number {
  const fitting = Math.round((size * BATCH_TARGET_MS) / Math.max(1, tookMs));
  return Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, Math.min(fitting, size * 2)));
}
