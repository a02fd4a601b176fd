import { jsonObject, jsonPlain, jsonText, jsonTime, jsonWord } from '@infoscreen/prisma';
import type { ClientView, clientRecoverySchema, healthSampleSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { clientStatusSql, isAliveSql } from './client-sql.ts';
import { statusSinceSql } from './status-since.ts';

type Fields<T> = Readonly<Record<keyof T, string>>;

const RECOVERY: Fields<z.output<typeof clientRecoverySchema>> = {
  step: jsonWord('r.step'),
  attempts: jsonPlain('r.attempts'),
  next_at: jsonTime('r.next_at'),
  exhausted_at: jsonTime('r.exhausted_at'),
  last_command_id: jsonWord('r.last_command_id'),
};

const LATEST_HEALTH: Fields<z.output<typeof healthSampleSchema>> = {
  at: jsonTime('last_health_at'),
  process_status: jsonWord('process_status'),
  cpu_percent: jsonPlain('cpu_percent'),
  memory_percent: jsonPlain('memory_percent'),
  disk_percent: jsonPlain('disk_percent'),
  temperature_c: jsonPlain('temperature_c'),
  mqtt_reconnect_count: jsonPlain('mqtt_reconnect_count'),
};

/** The latest health report, as far as `client_states` keeps it; null where there was none. */
export const LATEST_HEALTH_JSON = `CASE WHEN last_health_at IS NULL THEN 'null' ELSE ${jsonObject(LATEST_HEALTH)} END`;

/** A client as the API shows it, from the client tables. @param grace the parameter with HEARTBEAT_GRACE_SECONDS */
export function clientFields(grace: string): Fields<ClientView> {
  return {
    uuid: jsonWord('c.uuid'),
    hostname: jsonText('c.hostname'),
    description: jsonText('c.description'),
    group: jsonText('c."group"'),
    ip: jsonText('c.ip'),
    model: jsonText('c.model'),
    os_version: jsonText('c.os_version'),
    app_version: jsonText('c.app_version'),
    pending: jsonPlain('c.pending'),
    created_at: jsonTime('c.created_at'),
    status: jsonWord(clientStatusSql(grace)),
    status_since: jsonTime(statusSinceSql(grace)),
    is_alive: jsonPlain(isAliveSql(grace)),
    last_alive: jsonTime('s.last_alive'),
    last_message_at: jsonTime('s.last_message_at'),
    process_status: jsonWord('s.process_status'),
    process_name: jsonText('s.process_name'),
    process_pid: jsonPlain('s.process_pid'),
    boot_id: jsonText('s.boot_id'),
    uptime_s: jsonPlain('s.uptime_seconds'),
    presence_online: jsonPlain('s.presence_online'),
    presence_reason: jsonText('s.presence_reason'),
    presence_at: jsonTime('s.presence_at'),
    mqtt_reconnect_count: jsonPlain('s.mqtt_reconnect_count'),
    mqtt_last_disconnect_at: jsonTime('s.mqtt_last_disconnect_at'),
    clock_offset_s: jsonPlain('s.clock_offset_ms / 1000'),
    service_failed_at: jsonTime('f.failed_at'),
    service_failed_unit: jsonText('f.unit'),
    recovery_exhausted: jsonPlain('r.exhausted_at IS NOT NULL'),
    recovery: `CASE WHEN r.step IS NULL THEN 'null' ELSE ${jsonObject(RECOVERY)} END`,
  };
}
