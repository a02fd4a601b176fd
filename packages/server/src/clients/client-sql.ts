import { HEALTH_LIMITS } from '@infoscreen/shared-types';

/**
 * Longer without a comparison of statuses, and what was told before no longer says since when they are so: they may have
 * changed away and back.
 */
export const MAX_COMPARISON_GAP = "interval '60 seconds'";

/**
 * SQL of what is known of a client. The clock is cut to milliseconds, as the columns are, so that the rules here and
 * those of shared-types see the same moment.
 */
export const CLIENT_COLUMNS = `
  c.uuid, c.hostname, c.description, c."group", c.ip, c.model, c.os_version, c.app_version, c.pending, c.created_at,
  s.last_alive, s.last_message_at, s.process_status, s.crashed_at, s.process_name, s.process_pid, s.boot_id, s.uptime_seconds,
  s.presence_online, s.presence_reason, s.presence_at, s.mqtt_reconnect_count, s.mqtt_last_disconnect_at, s.clock_offset_ms,
  s.last_health_at, s.cpu_percent, s.memory_percent, s.disk_percent, s.temperature_c,
  f.failed_at AS service_failed_at, f.unit AS service_failed_unit, f.failing_since,
  r.exhausted_at IS NOT NULL AS recovery_exhausted,
  r.step AS recovery_step, r.attempts AS recovery_attempts, r.next_at AS recovery_next_at, r.exhausted_at AS recovery_exhausted_at,
  r.last_command_id AS recovery_last_command_id,
  told.status AS told_status,
  CASE WHEN compared.compared_at > statement_timestamp() - ${MAX_COMPARISON_GAP}
    THEN greatest(told.since, compared.unbroken_since) END AS told_since,
  date_trunc('milliseconds', statement_timestamp()) AS now`;

/** Open failures are few: found once for all clients, through their partial index. */
export const CLIENT_TABLES = `
  clients c
  JOIN client_states s ON s.client_uuid = c.uuid
  LEFT JOIN crash_recoveries r ON r.client_uuid = c.uuid
  LEFT JOIN (
    SELECT DISTINCT ON (client_uuid) client_uuid, unit, failed_at,
      min(reported_at) OVER (PARTITION BY client_uuid) AS failing_since
    FROM service_failures WHERE cleared_at IS NULL ORDER BY client_uuid, failed_at DESC, id
  ) f ON f.client_uuid = c.uuid
  LEFT JOIN told_statuses told ON told.client_uuid = c.uuid
  LEFT JOIN status_comparison compared ON compared.id = 1`;

/** Sort key of the list of clients; an index has it. */
export const CLIENT_NAME = "lower(coalesce(c.hostname, ''))";

/** `$n` is the parameter with HEARTBEAT_GRACE_SECONDS. */
function staleBefore(graceParameter: string): string {
  return `date_trunc('milliseconds', statement_timestamp()) - make_interval(secs => ${graceParameter})`;
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
