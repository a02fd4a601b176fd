import { HEALTH_LIMITS } from '@infoscreen/shared-types';

/**
 * Longer without a comparison of statuses, and what was told before no longer says since when they are so: they may have
 * changed away and back.
 */
export const MAX_COMPARISON_GAP = "interval '60 seconds'";

/** Of the open failures of each client the one that the API shows: the newest. */
const SHOWN_FIRST = 'failed_at DESC, id';

const WITH_STATE = `
  clients c
  JOIN client_states s ON s.client_uuid = c.uuid
  LEFT JOIN crash_recoveries r ON r.client_uuid = c.uuid
  LEFT JOIN told_statuses told ON told.client_uuid = c.uuid
  LEFT JOIN status_comparison compared ON compared.id = 1`;

/**
 * Where all clients are looked at: their open failures, which are few, are found once, through their partial index. The
 * clock is cut to milliseconds in the rules below, as the columns are, so that they and those of shared-types see the same
 * moment.
 */
export const CLIENT_TABLES = `${WITH_STATE}
  LEFT JOIN (
    SELECT DISTINCT ON (client_uuid) client_uuid, unit, failed_at,
      min(reported_at) OVER (PARTITION BY client_uuid) AS failing_since
    FROM service_failures WHERE cleared_at IS NULL ORDER BY client_uuid, ${SHOWN_FIRST}
  ) f ON f.client_uuid = c.uuid`;

/** The same where few clients are looked at: a look into an index for each of them, however many failures are open. */
export const CLIENT_TABLES_OF_FEW = `${WITH_STATE}
  LEFT JOIN LATERAL (
    SELECT unit, failed_at, min(reported_at) OVER () AS failing_since FROM service_failures
    WHERE client_uuid = c.uuid AND cleared_at IS NULL ORDER BY ${SHOWN_FIRST} LIMIT 1
  ) f ON true`;

/** Sort key of the list of clients; an index has it. */
export const CLIENT_NAME = "lower(coalesce(c.hostname, ''))";

/** `$n` is the parameter with HEARTBEAT_GRACE_SECONDS. */
function staleBefore(graceParameter: string): string {
  return `date_trunc('milliseconds', statement_timestamp()) - make_interval(secs => ${graceParameter})`;
}

/** `isAlive` of shared-types in SQL. */
export function isAliveSql(graceParameter: string): string {
  return `coalesce(s.last_alive > ${staleBefore(graceParameter)}, false)`;
}

/** `crashReason` of shared-types in SQL; a test compares the two on a grid of facts. */
export function crashReasonSql(graceParameter: string): string {
  return `CASE
    WHEN s.process_status = 'crashed' THEN 'process_crashed'
    WHEN s.last_alive <= ${staleBefore(graceParameter)} THEN 'heartbeat_stale'
  END`;
}

/** `clientStatus` of shared-types in SQL; a test compares the two on a grid of facts. */
export function clientStatusSql(graceParameter: string): string {
  return `CASE
    WHEN s.last_message_at IS NULL THEN 'never_seen'
    WHEN s.presence_online IS FALSE OR s.last_message_at <= ${staleBefore(graceParameter)} THEN 'unreachable'
    WHEN ${crashReasonSql(graceParameter)} IS NOT NULL THEN 'crashed'
    WHEN f.unit IS NOT NULL OR r.exhausted_at IS NOT NULL
      OR coalesce(s.cpu_percent >= ${HEALTH_LIMITS.cpuPercent}, false)
      OR coalesce(s.memory_percent >= ${HEALTH_LIMITS.memoryPercent}, false)
      OR coalesce(s.disk_percent >= ${HEALTH_LIMITS.diskPercent}, false)
      OR coalesce(s.temperature_c >= ${HEALTH_LIMITS.temperatureC}, false) THEN 'degraded'
    ELSE 'healthy'
  END`;
}

/** A text for LIKE that matches `text` itself, wherever it stands. */
export function containsPattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
