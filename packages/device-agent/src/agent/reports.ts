import type { HealthPayload, HeartbeatPayload, RecentResult } from '@infoscreen/shared-types';
import type { HostIdentity, HostMetrics, PlayerProcess } from '../host/agent-host.ts';

/** A unit of the host that has failed, as health repeats it until it is well again. */
export interface FailedUnit {
  readonly unit: string;
  /** ISO 8601 UTC by the screen's clock; with the unit it is the identity of the failure. */
  readonly failedAt: string;
}

interface ReportContext {
  /** By the screen's own clock, milliseconds since the epoch. */
  readonly now: number;
  /** Left out by an agent that knows none. */
  readonly bootId: string | undefined;
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

export function discoveryReport(uuid: string, host: HostIdentity, bootId: string | undefined) {
  return {
    uuid,
    hostname: host.hostname,
    ip: host.ip,
    model: host.model,
    os_version: host.osVersion,
    app_version: host.appVersion,
    boot_id: bootId,
  };
}

export function heartbeatReport(
  { now, bootId }: ReportContext,
  player: PlayerProcess,
  results: RecentResult[],
): HeartbeatPayload {
  return { timestamp: isoTime(now), boot_id: bootId, process_status: player.status, recent_results: results };
}

export interface HealthFacts {
  readonly player: PlayerProcess;
  readonly metrics: HostMetrics;
  readonly appVersion: string;
  readonly uptimeSeconds: number;
  readonly reconnectCount: number;
  readonly lastDisconnectAt: number | null;
  readonly failedUnits: readonly FailedUnit[];
}

export function healthReport({ now, bootId }: ReportContext, facts: HealthFacts): HealthPayload {
  const { player, metrics, lastDisconnectAt } = facts;
  return {
    timestamp: isoTime(now),
    process_status: player.status,
    process_name: player.name,
    process_pid: player.pid ?? undefined,
    app_version: facts.appVersion,
    boot_id: bootId,
    uptime_s: facts.uptimeSeconds,
    metrics: {
      cpu_percent: metrics.cpuPercent ?? undefined,
      memory_percent: metrics.memoryPercent ?? undefined,
      disk_percent: metrics.diskPercent ?? undefined,
      temperature_c: metrics.temperatureC ?? undefined,
    },
    broker_connection: {
      connected: true,
      reconnect_count: facts.reconnectCount,
      last_disconnect_at: lastDisconnectAt === null ? undefined : isoTime(lastDisconnectAt),
    },
    failed_units: facts.failedUnits.map(({ unit, failedAt }) => ({ unit, failed_at: failedAt })),
  };
}
