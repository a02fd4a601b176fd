import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../metrics/create-metrics.ts';
import type { BrokerAddress, BrokerLogin } from '../settings/mqtt-settings.ts';
import type { ShedMessage } from './packet-sieve.ts';
import type { MqttSubscription, PublishOptions, ReceivedMessage } from './received-message.ts';

export interface MqttConnectionOptions extends BrokerAddress, BrokerLogin {
  readonly clientId: string;
  /** false: the broker keeps subscriptions and messages for this client id while it is away. */
  readonly clean: boolean;
  readonly keepaliveSeconds?: number;
  /** How long the broker may be silent before it confirms a subscription; 10 s when left out. */
  readonly subscribeSilenceMs?: number;
  readonly logger: Logger;
  /** With a `name`, `infoscreen_mqtt_connected` tells of this connection under it. */
  readonly metrics?: Metrics;
  readonly name?: string;
  /** Made anew at each connect, also when the broker says that it kept the session: it may have lost them. */
  readonly subscriptions?: readonly MqttSubscription[];
  /**
   * Asked for each message by its head. Where it answers true, the message is acknowledged to the broker as soon as those before
   * it are, and never comes to `onMessage`. Must be quick, and must not throw.
   */
  readonly shed?: ShedMessage;
  /** Back-pressure: while a returned promise is pending, nothing more is read, and the connection is kept alive. */
  // oxlint-disable-next-line typescript/no-invalid-void-type -- most handlers return nothing
  readonly onMessage?: (message: ReceivedMessage) => void | Promise<void>;
  readonly onStatus?: (status: MqttStatus) => void;
}

export interface MqttStatus {
  readonly connected: boolean;
  readonly since: Date | null;
}

export interface MqttConnection {
  start(): void;
  /** Ends the connection and tries no more. From the call on nothing is received or acknowledged. */
  stop(): Promise<void>;
  /** Accepted by the broker, and subscribed. */
  readonly connected: boolean;
  /** Since when it is connected; `null` while it isn't. */
  readonly since: Date | null;
  /** Bytes that wait for the network. */
  readonly bufferedBytes: number;
  /**
   * Resolves only when the broker took the message (QoS 0: when it was written to the socket).
   * @throws MqttNotConnectedError at once while disconnected: nothing was sent
   * @throws MqttPublishTimeoutError or MqttConnectionLostError: whether the broker took it is unknown
   */
  publish(
    topic: string,
    payload: string | Uint8Array,
    options: PublishOptions,
    timeoutMs?: number,
  ): Promise<void>;
  /**
   * For a session that has subscriptions from before; those of `subscriptions` are made anew at each connect. What the
   * broker had queued is delivered all the same.
   * @throws MqttNotConnectedError, MqttPublishTimeoutError or MqttConnectionLostError: then the subscriptions may still be there
   */
  unsubscribe(filters: readonly string[]): Promise<void>;
}
