/** The part of an MQTT connection that sends commands. */
export interface CommandBroker {
  readonly connected: boolean;
  /**
   * Resolves when the broker took the message (QoS 1: its PUBACK; QoS 0: written to the socket).
   * @throws at once while disconnected, or when the acknowledgement didn't come within `timeoutMs`
   */
  publish(
    topic: string,
    payload: string,
    options: { readonly qos: 0 | 1 },
    timeoutMs?: number,
  ): Promise<void>;
}

/** What publishing needs. `instance` names this process in the timeline. */
export interface OutboxLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}
