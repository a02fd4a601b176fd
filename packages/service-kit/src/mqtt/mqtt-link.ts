import { tlsFailure } from '@infoscreen/shared-types';
import { type ISubscriptionGrant, MqttClient } from 'mqtt';
import type { BrokerAddress, BrokerLogin } from '../settings/mqtt-settings.ts';
import { BrokerStream } from './broker-stream.ts';
import { LinkMessage } from './link-message.ts';
import { MqttConnectionLostError } from './mqtt-errors.ts';
import type { ShedMessage, SievedMessage } from './packet-sieve.ts';
import { PendingAnswers } from './pending-answers.ts';
import { PubackWriter } from './puback-writer.ts';
import type { MqttSubscription, PublishOptions, ReceivedMessage } from './received-message.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const SUBSCRIBE_SILENCE_MS = 10_000;
const END_TIMEOUT_MS = 1000;
const DISCONNECT_PACKET = Buffer.from([0xe0, 0x00]);
const PINGREQ_PACKET = Buffer.from([0xc0, 0x00]);

export interface MqttLinkOptions extends BrokerAddress, BrokerLogin {
  readonly clientId: string;
  readonly clean: boolean;
  readonly keepaliveSeconds: number;
  /** How long the broker may be silent before it confirms a subscription; 10 s when left out. */
  readonly subscribeSilenceMs?: number;
  /** Asked for each message by its head; what it deals with is acknowledged in its turn, and never comes to `onMessage`. */
  readonly shed?: ShedMessage;
  /** While a returned promise is pending, nothing more is read from the connection. */
  readonly onMessage: (message: ReceivedMessage) => Promise<void> | undefined;
}

/**
 * One connection, from CONNECT to its end, on an mqtt.js client of its own. It never comes back: a reconnecting client
 * replays what was published while it was away, and answers old messages on the new connection, where their ids name others.
 *
 * Messages never come to mqtt.js, which would acknowledge one before it is stored, or hold every other packet until it is, and
 * takes longer for each than all that is done with it here.
 */
export class MqttLink {
  /** Resolves to `undefined` when the broker accepted, else to why it did not. */
  readonly opened: Promise<string | undefined>;
  /** Resolves to the reason when the connection is gone. */
  readonly closed: Promise<string>;
  sessionPresent = false;
  readonly #client: MqttClient;
  readonly #stream: BrokerStream;
  readonly #onMessage: MqttLinkOptions['onMessage'];
  readonly #subscribeSilenceMs: number;
  readonly #host: string;
  readonly #answers = new PendingAnswers();
  #isOver = false;
  readonly #pubacks: PubackWriter;
  /** When the bytes came that are being read. */
  #receivedAt = new Date();
  /** When the last message came, or was let go; `null` while one is held. */
  #lastTrafficAt: number | null = Number.NEGATIVE_INFINITY;
  #lastError: string | undefined;

  constructor(options: MqttLinkOptions) {
    this.#onMessage = options.onMessage;
    this.#host = options.host;
    this.#subscribeSilenceMs = options.subscribeSilenceMs ?? SUBSCRIBE_SILENCE_MS;
    const { shed = () => false } = options;
    this.#stream = new BrokerStream({
      host: options.host,
      port: options.port,
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      onTraffic: () => {
        this.#receivedAt = new Date();
        if (this.#lastTrafficAt !== null) this.#lastTrafficAt = performance.now();
      },
      shed: (head) => !this.#isOver && shed(head),
      onShed: (messageId) => {
        const arrived = { messageId, isAcknowledged: false };
        this.#pubacks.expect(arrived);
        this.#pubacks.acknowledge(arrived);
      },
      onMessage: (message) => this.#receive(message),
    });
    this.#pubacks = new PubackWriter(this.#stream);
    this.#client = new MqttClient(() => this.#stream, {
      protocolVersion: 4,
      username: options.username,
      password: options.password,
      clientId: options.clientId,
      clean: options.clean,
      keepalive: options.keepaliveSeconds,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
    this.#stream.on('error', (error) => this.#fail(error));
    this.#client.on('error', (error) => this.#fail(error));
    this.closed = new Promise((resolve) => {
      this.#client.once('close', () => resolve(this.#close()));
    });
    this.opened = new Promise((resolve) => {
      this.#client.once('connect', ({ sessionPresent }) => {
        this.sessionPresent = sessionPresent;
        this.#keepAlive(options.keepaliveSeconds);
        resolve(undefined);
      });
      void this.closed.then(resolve);
    });
  }

  /** Bytes that wait for the network. */
  get bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  /**
   * What the broker kept for the session comes before its confirmation, and waits as long as we hold it up: only silence
   * counts as no answer. @returns the filters that the broker refused
   */
  async subscribe(subscriptions: readonly MqttSubscription[]): Promise<readonly string[]> {
    if (subscriptions.length === 0) return [];
    const wanted = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]));
    const askedAt = performance.now();
    return await this.#answers.within(
      this.#subscribeSilenceMs,
      (resolve, reject) => {
        this.#client.subscribe(
          wanted,
          (error, _grants?: ISubscriptionGrant[], suback?: { granted?: unknown }) => {
            const codes = suback?.granted as readonly number[] | undefined;
            if (codes === undefined) reject(error ?? new MqttConnectionLostError());
            else resolve(Object.keys(wanted).filter((_, index) => (codes[index] ?? 0x80) >= 0x80));
          },
        );
      },
      () => this.#silenceLeftMs(this.#subscribeSilenceMs, askedAt),
    );
  }

  /** Resolves when the broker has confirmed it; what it had queued for these filters is delivered all the same. */
  async unsubscribe(filters: readonly string[]): Promise<void> {
    const askedAt = performance.now();
    await this.#answers.within<undefined>(
      this.#subscribeSilenceMs,
      (resolve, reject) => {
        this.#client.unsubscribe([...filters], (error) => {
          if (error) reject(new MqttConnectionLostError());
          else resolve(undefined);
        });
      },
      () => this.#silenceLeftMs(this.#subscribeSilenceMs, askedAt),
    );
  }

  /** Resolves when the broker took it (QoS 1), or when it was handed to the network (QoS 0). */
  async publish(
    topic: string,
    payload: string | Uint8Array,
    options: PublishOptions,
    timeoutMs: number,
  ): Promise<void> {
    const bytes = typeof payload === 'string' ? payload : Buffer.from(payload);
    await this.#answers.within<undefined>(timeoutMs, (resolve, reject) => {
      this.#client.publish(topic, bytes, { qos: options.qos, retain: options.retain ?? false }, (error) => {
        if (error) reject(new MqttConnectionLostError());
        else resolve(undefined);
      });
    });
  }

  /** Says goodbye after what was written, and waits for the end. From the call on, nothing is received or acknowledged. */
  async end(): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#pubacks.end();
      if (this.#client.connected) this.#stream.end(DISCONNECT_PACKET);
      else this.#stream.destroy();
    }
    const timer = setTimeout(() => this.#stream.destroy(), END_TIMEOUT_MS);
    await this.closed;
    clearTimeout(timer);
  }

  /** Ends at once, without a word. */
  cut(): void {
    this.#isOver = true;
    this.#stream.destroy();
  }

  #receive(sieved: SievedMessage): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    const held = this.#onMessage(new LinkMessage(sieved, this.#receivedAt, this.#pubacks));
    if (held === undefined) return undefined;
    this.#lastTrafficAt = null;
    const goOn = () => {
      this.#lastTrafficAt = performance.now();
    };
    return held.then(goOn, goOn);
  }

  /**
   * mqtt.js takes the broker for dead when the answer to a ping is late. It comes behind all that was sent before it, and
   * that is read only as fast as we store. So while messages come, or one is held, pings are sent from here and mqtt.js
   * begins to count anew; that the broker is gone then, TCP tells.
   */
  #keepAlive(keepaliveSeconds: number): void {
    const everyMs = (keepaliveSeconds * 1000) / 2;
    const timer = setInterval(() => {
      const silentMs = this.#lastTrafficAt === null ? 0 : performance.now() - this.#lastTrafficAt;
      if (this.#isOver || silentMs > everyMs || !this.#stream.writable) return;
      this.#stream.write(PINGREQ_PACKET);
      this.#client.reschedulePing(true);
    }, everyMs);
    void this.closed.then(() => clearInterval(timer));
  }

  /** How much longer the broker may be silent: the time runs only while nothing comes and nothing is held. */
  #silenceLeftMs(silenceMs: number, sinceMs: number): number {
    if (this.#lastTrafficAt === null) return silenceMs;
    return silenceMs - (performance.now() - Math.max(sinceMs, this.#lastTrafficAt));
  }

  #fail(error: Error): void {
    const { code } = error as { code?: string };
    const plain = error.message === '' ? (code ?? error.name) : error.message;
    this.#lastError = tlsFailure({ code, message: error.message }, this.#host) ?? plain;
    // Whatever mqtt.js complains about, this connection is of no further use.
    this.cut();
  }

  #close(): string {
    this.#isOver = true;
    this.#answers.end();
    return this.#lastError ?? 'closed by the broker or the network';
  }
}
