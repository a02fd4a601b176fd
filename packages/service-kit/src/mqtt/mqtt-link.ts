import type { Socket } from 'node:net';
import { brokerSecurity, tlsFailure } from '@infoscreen/shared-types';
import mqtt, { type ISubscriptionGrant, type MqttClient } from 'mqtt';
import type { BrokerAddress, BrokerLogin } from '../settings/mqtt-settings.ts';
import { MqttConnectionLostError } from './mqtt-errors.ts';
import { PacketSieve, type ShedMessage } from './packet-sieve.ts';
import { PendingAnswers } from './pending-answers.ts';
import { type Arrived, PubackWriter } from './puback-writer.ts';
import type { MqttSubscription, PublishOptions, ReceivedMessage } from './received-message.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const SUBSCRIBE_SILENCE_MS = 10_000;
const END_TIMEOUT_MS = 1000;
const TCP_KEEPALIVE_MS = 30_000;
const DISCONNECT_PACKET = Buffer.from([0xe0, 0x00]);
const PINGREQ_PACKET = Buffer.from([0xc0, 0x00]);
/** One for all messages: to make one each costs as much as the rest of a message's way through here. */
const ACKNOWLEDGED_BY_HAND = new Error('acknowledged by hand');
const OVER = new Error('over');

export interface MqttLinkOptions extends BrokerAddress, BrokerLogin {
  readonly clientId: string;
  readonly clean: boolean;
  readonly keepaliveSeconds: number;
  /** How long the broker may be silent before it confirms a subscription; 10 s when left out. */
  readonly subscribeSilenceMs?: number;
  /** Asked for each message before it is parsed; what it deals with is acknowledged at once, and never comes to `onMessage`. */
  readonly shed?: ShedMessage;
  /** While a returned promise is pending, nothing more is read from the connection. */
  readonly onMessage: (message: ReceivedMessage) => Promise<void> | undefined;
}

/**
 * One connection, from CONNECT to its end, on an mqtt.js client of its own. It never comes back: a reconnecting client
 * replays what was published while it was away, and answers old messages on the new connection, where their ids name others.
 *
 * PUBACK is written here and not by mqtt.js, which would send it before the message is stored, or hold every other packet
 * until it is. Its message handler, when given an error, sends nothing and reads on; no 'error' event follows.
 */
export class MqttLink {
  /** Resolves to `undefined` when the broker accepted, else to why it did not. */
  readonly opened: Promise<string | undefined>;
  /** Resolves to the reason when the connection is gone. */
  readonly closed: Promise<string>;
  sessionPresent = false;
  readonly #client: MqttClient;
  readonly #socket: Socket;
  readonly #onMessage: MqttLinkOptions['onMessage'];
  readonly #subscribeSilenceMs: number;
  readonly #host: string;
  readonly #answers = new PendingAnswers();
  #isOver = false;
  readonly #pubacks: PubackWriter;
  /** Read from the network at QoS 1, and not yet given out by mqtt.js, which keeps the order. */
  readonly #unread: Arrived[] = [];
  /** When the last message came, or was let go; `null` while one is held. */
  #lastTrafficAt: number | null = Number.NEGATIVE_INFINITY;
  #lastError: string | undefined;

  constructor(options: MqttLinkOptions) {
    this.#onMessage = options.onMessage;
    this.#host = options.host;
    this.#subscribeSilenceMs = options.subscribeSilenceMs ?? SUBSCRIBE_SILENCE_MS;
    this.#client = mqtt.connect({
      ...brokerSecurity(options.tls),
      protocolVersion: 4,
      host: options.host,
      port: options.port,
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
    this.#socket = this.#client.stream as unknown as Socket;
    this.#pubacks = new PubackWriter(this.#socket);
    // Without it each small packet may wait 40 ms for the last one's acknowledgement.
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    this.#sieve(options.shed ?? (() => false));
    this.#client.handleMessage = (packet, callback) => this.#receive(packet, callback);
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
    return this.#socket.writableLength;
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
      if (this.#client.connected) this.#socket.end(DISCONNECT_PACKET);
      else this.#socket.destroy();
    }
    const timer = setTimeout(() => this.#socket.destroy(), END_TIMEOUT_MS);
    await this.closed;
    clearTimeout(timer);
  }

  /** Ends at once, without a word. */
  cut(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  /** What the network gives goes through the sieve before mqtt.js, or whoever else reads the socket, sees it. */
  #sieve(shed: ShedMessage): void {
    const sieve = new PacketSieve(
      (head) => !this.#isOver && shed(head),
      (messageId, isShed) => {
        const arrived = this.#pubacks.expect(messageId);
        if (isShed) this.#pubacks.acknowledge(arrived);
        else this.#unread.push(arrived);
      },
    );
    const push = this.#socket.push.bind(this.#socket);
    this.#socket.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (!Buffer.isBuffer(chunk)) return push(chunk, encoding);
      const rest = sieve.feed(chunk);
      if (this.#lastTrafficAt !== null) this.#lastTrafficAt = performance.now();
      return rest === undefined || push(rest);
    };
  }

  #receive(packet: mqtt.IPublishPacket, callback: (error?: Error) => void): void {
    if (this.#isOver) {
      callback(OVER);
      return;
    }
    this.#lastTrafficAt = performance.now();
    const arrived = packet.qos === 1 ? this.#unread.shift() : undefined;
    if (arrived?.messageId !== (packet.qos === 1 ? packet.messageId : undefined)) {
      this.#fail(new Error('messages were read in another order than they came'));
      callback(OVER);
      return;
    }
    const held = this.#onMessage({
      topic: packet.topic,
      // A copy: what waits to be stored must not hold on to the whole read that it came with.
      payload: Buffer.from(packet.payload),
      qos: packet.qos === 1 ? 1 : 0,
      retain: packet.retain,
      dup: packet.dup,
      receivedAt: new Date(),
      acknowledge: () => {
        if (arrived !== undefined && !this.#isOver) this.#pubacks.acknowledge(arrived);
      },
    });
    const goOn = () => {
      this.#lastTrafficAt = performance.now();
      callback(packet.qos === 1 ? ACKNOWLEDGED_BY_HAND : undefined);
    };
    if (held === undefined) {
      goOn();
      return;
    }
    this.#lastTrafficAt = null;
    held.then(goOn, goOn);
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
      if (this.#isOver || silentMs > everyMs || !this.#socket.writable) return;
      this.#socket.write(PINGREQ_PACKET);
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
