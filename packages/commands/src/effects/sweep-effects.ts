import type { Queryable } from '@infoscreen/prisma';

/** A completed command whose effect nobody has seen by then is shown as `effectObserved: false`. */
const EFFECT_TIMEOUT_SECONDS = 300;
const BATCH_SIZE = 1000;

export interface EffectCounts {
  /** Shutdowns proven by silence. */
  readonly silent: number;
  /** Completed commands without an effect in time. */
  readonly unobserved: number;
}

/**
 * Judges the effect of completed reboots and shutdowns by what didn't happen: a shutdown is proven by silence past the
 * grace, and what isn't proven in time is marked so. A proof that comes later still counts (`observeBoot`).
 */
export async function sweepEffects(
  { pool, instance }: { readonly pool: Queryable; readonly instance: string },
  { graceSeconds }: { readonly graceSeconds: number },
): Promise<EffectCounts> {
  const silent = await judge(pool, instance, {
    observed: true,
    detail: 'silent past the grace',
    where: `c.action = 'shutdown_host' AND c.finished_at <= now() - make_interval(secs => $4)
      AND (SELECT last_message_at FROM client_states s WHERE s.client_uuid = c.client_uuid) <= now() - make_interval(secs => $4)`,
    seconds: graceSeconds,
  });
  const unobserved = await judge(pool, instance, {
    observed: false,
    detail: 'no effect seen in time',
    where: `c.finished_at <= now() - make_interval(secs => $4)`,
    seconds: EFFECT_TIMEOUT_SECONDS,
  });
  return { silent, unobserved };
}

interface Judgement {
  readonly observed: boolean;
  readonly detail: string;
  readonly where: string;
  readonly seconds: number;
}

async function judge(
  pool: Queryable,
  instance: string,
  { observed, detail, where, seconds }: Judgement,
): Promise<number> {
  const { rowCount } = await pool.query(
    `WITH due AS (
       SELECT c.command_id FROM client_commands c
       WHERE c.effect_observed IS NULL AND c.effect_observed IS DISTINCT FROM true AND c.publish_attempt > 0
         AND c.action IN ('reboot_host', 'shutdown_host') AND c.status = 'completed' AND ${where}
       LIMIT ${BATCH_SIZE} FOR UPDATE OF c SKIP LOCKED
     ), judged AS (
       UPDATE client_commands c SET effect_observed = $1, effect_observed_at = clock_timestamp()
       FROM due WHERE c.command_id = due.command_id AND c.effect_observed IS NULL
       RETURNING c.command_id, c.status
     )
     INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, detail)
     SELECT command_id, 'effect', status, status, 'sweep', $2, $3 FROM judged`,
    [observed, instance, detail, seconds],
  );
  return rowCount ?? 0;
}
