import type { Queryable } from '@infoscreen/prisma';

/**
 * Takes note that a client's presence went offline: the proof of a shutdown that it had started. One that it hadn't even
 * started is not proven by it: a link may break at any moment.
 * @returns how many commands it proves
 */
export async function observeOffline(
  db: Queryable,
  { clientUuid }: { readonly clientUuid: string },
): Promise<number> {
  const { rowCount } = await db.query(
    `WITH proven AS (
       UPDATE client_commands SET effect_observed = true, effect_observed_at = clock_timestamp()
       WHERE client_uuid = $1 AND action = 'shutdown_host' AND effect_observed IS DISTINCT FROM true AND publish_attempt > 0
         AND execution_started_at IS NOT NULL AND execution_started_at > clock_timestamp() - interval '1 hour'
       RETURNING command_id, status
     )
     INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, detail)
     SELECT command_id, 'effect', status, status, 'device', $1::text, 'presence went offline' FROM proven`,
    [clientUuid],
  );
  return rowCount ?? 0;
}
