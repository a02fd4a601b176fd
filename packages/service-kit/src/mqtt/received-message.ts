/** A message as it came from the broker. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  /** It was kept by the broker and came with the subscription, not just now from its sender. */
  readonly retain: boolean;
  /** The broker has sent it before; set by the broker, so a hint only. */
  readonly dup: boolean;
  readonly receivedAt: Date;
  /**
   * QoS 1: tells the broker to forget the message. Never happens by itself. Works only on the connection that the
   * message came on: on any later one its id names another message, so then nothing is written, and the broker
   * delivers this one again. Calling it twice, or for QoS 0, does nothing.
   */
  acknowledge(): void;
}

export interface MqttSubscription {
  readonly filter: string;
  readonly qos: 0 | 1;
}

export interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain?: boolean;
}
