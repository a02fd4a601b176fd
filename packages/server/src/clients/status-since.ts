import type { ClientStatus } from '@infoscreen/shared-types';
import { clientStatusSql, MAX_COMPARISON_GAP } from './client-sql.ts';

/**
 * Since when a client has been in its status, in SQL over the client tables: what caused it where its time is known, else the
 * comparison that first found it so. Null where neither is known, as of what was told while nobody compares statuses. Times
 * are the server's. @param grace the parameter with HEARTBEAT_GRACE_SECONDS
 */
export function statusSinceSql(grace: string): string {
  // "least" passes over what is null.
  return `CASE ${clientStatusSql(grace)}
    WHEN 'never_seen' THEN c.created_at
    WHEN 'unreachable' THEN ${silentSinceSql(grace)}
    WHEN 'crashed' THEN CASE WHEN s.process_status = 'crashed' THEN coalesce(s.crashed_at, ${toldSql('crashed')}) ELSE s.last_alive END
    WHEN 'degraded' THEN least(f.failing_since, r.exhausted_at, ${toldSql('degraded')})
    ELSE ${toldSql('healthy')}
  END`;
}

function toldSql(status: ClientStatus): string {
  return `CASE WHEN told.status = '${status}' AND compared.compared_at > statement_timestamp() - ${MAX_COMPARISON_GAP}
    THEN greatest(told.since, compared.unbroken_since) END`;
}

/** A screen that had been silent for the grace was unreachable before the broker said that it is offline. */
function silentSinceSql(grace: string): string {
  return `CASE
    WHEN s.presence_online IS FALSE AND s.last_message_at + make_interval(secs => ${grace}) > s.presence_at THEN s.presence_at
    ELSE s.last_message_at
  END`;
}
