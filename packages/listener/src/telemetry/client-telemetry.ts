import type { ReceivedMessage } from '@infoscreen/service-kit';
import type { HealthPayload, HeartbeatPayload, ProcessStatus, RecentResult } from '@infoscreen/shared-types';

/** What one client has told since the last flush; of each kind the newest. Times are this process's, in ms. */
export interface ClientTelemetry {
  readonly clientUuid: string;
  receivedAtMs: number;
  deviceTime: string | undefined;
  processStatus: ProcessStatus | undefined;
  bootId: string | undefined;
  recentResults: readonly RecentResult[];
  health: HealthReport | undefined;
  /** To be acknowledged when it is stored; oldest first. */
  messages: ReceivedMessage[];
  /** What its messages keep in memory. */
  bytes: number;
}

interface HealthReport {
  readonly payload: HealthPayload;
  readonly receivedAtMs: number;
}

export function telemetryOfHeartbeat(
  clientUuid: string,
  payload: HeartbeatPayload,
  message: ReceivedMessage,
): ClientTelemetry {
  return telemetryOf(clientUuid, payload, message, payload.recent_results ?? []);
}

export function telemetryOfHealth(
  clientUuid: string,
  payload: HealthPayload,
  message: ReceivedMessage,
): ClientTelemetry {
  const telemetry = telemetryOf(clientUuid, payload, message, []);
  telemetry.health = { payload, receivedAtMs: telemetry.receivedAtMs };
  return telemetry;
}

function telemetryOf(
  clientUuid: string,
  payload: HeartbeatPayload | HealthPayload,
  message: ReceivedMessage,
  recentResults: readonly RecentResult[],
): ClientTelemetry {
  return {
    clientUuid,
    receivedAtMs: message.receivedAt.getTime(),
    deviceTime: payload.timestamp,
    processStatus: payload.process_status,
    bootId: payload.boot_id,
    recentResults,
    health: undefined,
    messages: [message],
    bytes: message.payload.byteLength,
  };
}

/** Changes `telemetry` to what the newer one of the same client tells; what that one doesn't tell stays. */
export function addNewer(telemetry: ClientTelemetry, newer: ClientTelemetry): void {
  telemetry.receivedAtMs = newer.receivedAtMs;
  // With the time at which it was received, or the clock's offset would be wrong.
  telemetry.deviceTime = newer.deviceTime;
  telemetry.processStatus = newer.processStatus ?? telemetry.processStatus;
  telemetry.bootId = newer.bootId ?? telemetry.bootId;
  if (newer.recentResults.length > 0) telemetry.recentResults = newer.recentResults;
  telemetry.health = newer.health ?? telemetry.health;
  telemetry.messages.push(...newer.messages);
  telemetry.bytes += newer.bytes;
}
