import {
  type ClientClock,
  type ClientFacts,
  type ClientView,
  type clientRecoverySchema,
  clientStatus,
  crashReason,
  type healthSampleSchema,
  isAlive,
} from '@infoscreen/shared-types';
import type { z } from 'zod';
import { type SinceFacts, statusSince } from './status-since.ts';

/** A row of `CLIENT_COLUMNS`. */
export interface ClientRow extends SinceFacts {
  readonly uuid: string;
  readonly hostname: string | null;
  readonly description: string | null;
  readonly group: string | null;
  readonly ip: string | null;
  readonly model: string | null;
  readonly os_version: string | null;
  readonly app_version: string | null;
  readonly pending: boolean;
  readonly process_name: string | null;
  readonly process_pid: number | null;
  readonly boot_id: string | null;
  readonly uptime_seconds: number | null;
  readonly presence_reason: string | null;
  readonly mqtt_reconnect_count: number | null;
  readonly mqtt_last_disconnect_at: Date | null;
  readonly clock_offset_ms: number | null;
  readonly last_health_at: Date | null;
  readonly cpu_percent: number | null;
  readonly memory_percent: number | null;
  readonly disk_percent: number | null;
  readonly temperature_c: number | null;
  readonly service_failed_at: Date | null;
  readonly service_failed_unit: string | null;
  readonly recovery_exhausted: boolean;
  readonly recovery_step: z.output<typeof clientRecoverySchema>['step'] | null;
  readonly recovery_attempts: number | null;
  readonly recovery_next_at: Date | null;
  readonly recovery_last_command_id: string | null;
  /** The database's clock when the row was read. */
  readonly now: Date;
}

export const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

function clientFacts(row: ClientRow): ClientFacts {
  return {
    lastMessageAt: row.last_message_at?.getTime() ?? null,
    lastAliveAt: row.last_alive?.getTime() ?? null,
    presenceOnline: row.presence_online,
    processStatus: row.process_status,
    hasOpenFailure: row.service_failed_unit !== null,
    isRecoveryExhausted: row.recovery_exhausted,
    metrics: {
      cpuPercent: row.cpu_percent,
      memoryPercent: row.memory_percent,
      diskPercent: row.disk_percent,
      temperatureC: row.temperature_c,
    },
  };
}

function clockOf(row: ClientRow, graceSeconds: number): ClientClock {
  return { now: row.now.getTime(), graceMs: graceSeconds * 1000 };
}

/** A client as the API shows it. */
export function clientView(row: ClientRow, graceSeconds: number): ClientView {
  const clock = clockOf(row, graceSeconds);
  const status = clientStatus(clientFacts(row), clock);
  return {
    uuid: row.uuid,
    hostname: row.hostname,
    description: row.description,
    group: row.group,
    ip: row.ip,
    model: row.model,
    os_version: row.os_version,
    app_version: row.app_version,
    pending: row.pending,
    created_at: row.created_at.toISOString(),
    status,
    status_since: iso(statusSince(row, status, graceSeconds)),
    is_alive: isAlive(row.last_alive?.getTime() ?? null, clock),
    last_alive: iso(row.last_alive),
    last_message_at: iso(row.last_message_at),
    process_status: row.process_status,
    process_name: row.process_name,
    process_pid: row.process_pid,
    boot_id: row.boot_id,
    uptime_s: row.uptime_seconds,
    presence_online: row.presence_online,
    presence_reason: row.presence_reason,
    presence_at: iso(row.presence_at),
    mqtt_reconnect_count: row.mqtt_reconnect_count,
    mqtt_last_disconnect_at: iso(row.mqtt_last_disconnect_at),
    clock_offset_s: row.clock_offset_ms === null ? null : row.clock_offset_ms / 1000,
    service_failed_at: iso(row.service_failed_at),
    service_failed_unit: row.service_failed_unit,
    recovery_exhausted: row.recovery_exhausted,
    recovery: recoveryView(row),
  };
}

/** Why it counts as crashed; null where it doesn't. */
export function crashReasonOf(row: ClientRow, graceSeconds: number) {
  return crashReason(clientFacts(row), clockOf(row, graceSeconds));
}

function recoveryView(row: ClientRow): z.output<typeof clientRecoverySchema> | null {
  if (row.recovery_step === null) return null;
  return {
    step: row.recovery_step,
    attempts: row.recovery_attempts ?? 0,
    next_at: iso(row.recovery_next_at),
    exhausted_at: iso(row.recovery_exhausted_at),
    last_command_id: row.recovery_last_command_id,
  };
}

/** The latest health report, as far as it is kept with the client; null where there was none. */
export function latestHealthView(row: ClientRow): z.output<typeof healthSampleSchema> | null {
  if (row.last_health_at === null) return null;
  return {
    at: row.last_health_at.toISOString(),
    process_status: row.process_status,
    cpu_percent: row.cpu_percent,
    memory_percent: row.memory_percent,
    disk_percent: row.disk_percent,
    temperature_c: row.temperature_c,
    mqtt_reconnect_count: row.mqtt_reconnect_count,
  };
}
