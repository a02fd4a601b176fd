import type { ClientTelemetry } from '../src/telemetry/client-telemetry.ts';

/** What a client has told, and nothing but what is given. */
export function telemetryOf(clientUuid: string, over: Partial<ClientTelemetry> = {}): ClientTelemetry {
  const { messages = [] } = over;
  return {
    clientUuid,
    receivedAtMs: 1,
    deviceTime: undefined,
    processStatus: undefined,
    bootId: undefined,
    recentResults: [],
    health: undefined,
    messages,
    bytes: messages.reduce((sum, { payload }) => sum + payload.byteLength, 0),
    ...over,
  };
}
