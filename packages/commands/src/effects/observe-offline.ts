import type { Queryable } from '@infoscreen/prisma';
import type { StoredCommand } from '../stored-command.ts';

/**
 * Takes note that a client's presence went offline: the proof of a shutdown that it had started. One that it hadn't even
 * started is not proven by it: a link may break at any moment.
 * @returns how many commands it proves
 */
export function observeOffline(
  db: Queryable,
  { clientUuid }: { readonly clientUuid: string },
): Promise<number> {
  return proveShutdowns(db, clientUuid, 'true');
}

/**
 * The same for whoever stored that a client has started a shutdown: its presence may have gone offline before that was
 * known, since the two come over different sessions. To be called after the commit, also of what was known already: of
 * two that look at each other's news after their own commit, one sees it.
 * @returns how many commands that proves
 */
export function observeShutdownStarted(
  db: Queryable,
  { clientUuid }: { readonly clientUuid: string },
): Promise<number> {
  return proveShutdowns(db, clientUuid, WENT_OFFLINE_SINCE);
}

/** Pure. */
export function isStartedShutdown({ action, executionStartedAt }: StoredCommand): boolean {
  return action === 'shutdown_host' && executionStartedAt !== null;
}

const WENT_OFFLINE_SINCE = `EXISTS (SELECT FROM client_states s
  WHERE s.client_uuid = c.client_uuid AND s.presence_online IS FALSE AND s.presence_at >= c.created_at)`;

/** @param condition SQL on the command `c` */
async function proveShutdowns(db: Queryable, clientUuid: string, condition: string): Promise<number> {
  const { rowCount } = await db.query(
    `WITH proven AS (
       UPDATE client_commands c SET effect_observed = true, effect_observed_at = clock_timestamp()
       WHERE client_uuid = $1 AND action = 'shutdown_host' AND effect_observed IS DISTINCT FROM true AND publish_attempt > 0
         AND execution_started_at IS NOT NULL AND execution_started_at > clock_timestamp() - interval '1 hour' AND ${condition}
       RETURNING command_id, status
     )
     INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, detail)
     SELECT command_id, 'effect', status, status, 'device', $1::text, 'presence went offline' FROM proven`,
    [clientUuid],
  );
  return rowCount ?? 0;
}
