import type { ReceivedMessage } from '@infoscreen/service-kit';
import type { HealthPayload, HeartbeatPayload, ProcessStatus, RecentResult } from '@infoscreen/shared-types';

/** What one client has told since the last flush; of each kind the newest. Times are this process's, in ms. */
export interface ClientTelemetry {
  readonly clientUuid: string;
  readonly receivedAtMs: number;
  readonly deviceTime: string | undefined;
  readonly processStatus: ProcessStatus | undefined;
  readonly bootId: string | undefined;
  readonly recentResults: readonly RecentResult[];
  readonly health: { readonly payload: HealthPayload; readonly receivedAtMs: number } | undefined;
  /** To be acknowledged when it is stored. */
  readonly messages: readonly ReceivedMessage[];
}

export function telemetryOfHeartbeat(
  clientUuid: string,
  payload: HeartbeatPayload,
  message: ReceivedMessage,
): ClientTelemetry {
  return {
    ...common(clientUuid, payload, message),
    recentResults: payload.recent_results ?? [],
    health: undefined,
  };
}

export function telemetryOfHealth(
  clientUuid: string,
  payload: HealthPayload,
  message: ReceivedMessage,
): ClientTelemetry {
  const receivedAtMs = message.receivedAt.getTime();
  return { ...common(clientUuid, payload, message), recentResults: [], health: { payload, receivedAtMs } };
}

function common(clientUuid: string, payload: HeartbeatPayload | HealthPayload, message: ReceivedMessage) {
  return {
    clientUuid,
    receivedAtMs: message.receivedAt.getTime(),
    deviceTime: payload.timestamp,
    processStatus: payload.process_status,
    bootId: payload.boot_id,
    messages: [message],
  };
}

/** Both are of the same client; what the newer one doesn't tell is taken from the older one. Pure. */
export function mergeTelemetry(older: ClientTelemetry, newer: ClientTelemetry): ClientTelemetry {
  return {
    clientUuid: newer.clientUuid,
    receivedAtMs: newer.receivedAtMs,
    // With the time at which it was received, or the clock's offset would be wrong.
    deviceTime: newer.deviceTime,
    processStatus: newer.processStatus ?? older.processStatus,
    bootId: newer.bootId ?? older.bootId,
    recentResults: newer.recentResults.length > 0 ? newer.recentResults : older.recentResults,
    health: newer.health ?? older.health,
    messages: [...older.messages, ...newer.messages],
  };
}

/** What its messages keep in memory. */
export function bytesOf({ messages }: ClientTelemetry): number {
  return messages.reduce((sum, { payload }) => sum + payload.byteLength, 0);
}
