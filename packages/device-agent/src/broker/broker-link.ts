import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import { brokerSecurity, tlsFailure } from '@infoscreen/shared-types';
import { connect as connectMqtt, type IClientOptions, type MqttClient } from 'mqtt';
import { settledWithin } from '../agent/delay.ts';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls?: LinkTls;
}

/** TLS 1.2 or newer; the broker's certificate has to be valid, for `host`, and from a CA that is trusted. All PEM. */
export interface LinkTls {
  /** The only CAs that are trusted; the system's where left out. */
  readonly ca?: string;
  /** The screen's own certificate and its key, in the place of a password. */
  readonly cert?: string;
  readonly key?: string;
}

/** A message that goes out; `payload` is sent as it is. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly payload: string | Buffer;
  readonly qos: 0 | 1;
  readonly retain?: boolean;
}

export interface LinkOptions extends BrokerAddress {
  readonly clientId: string;
  readonly username: string;
  /** Left out where a certificate says who it is. */
  readonly password?: string;
  readonly keepaliveSeconds: number;
  readonly will: OutgoingMessage;
  /** The message is acknowledged to the broker when this resolves, and left to be delivered again when it rejects. */
  readonly onMessage: (payload: Buffer, topic: string) => Promise<void>;
}

/** One MQTT connection, from CONNACK to its end. It never comes back; the next one is a new link. */
export interface BrokerLink {
  /** Resolves when the broker took it (QoS 1: PUBACK; QoS 0: written). @throws when the link ended first */
  publish(message: OutgoingMessage): Promise<void>;
  subscribe(topics: readonly string[]): Promise<void>;
  /** Says DISCONNECT, so that the broker drops the last will. */
  close(): Promise<void>;
  /** Ends the connection without a word, as a power cut does: the broker publishes the last will. */
  cut(): void;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;
}

export type ConnectBroker = (options: LinkOptions) => Promise<BrokerLink>;

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

/**
 * Opens a link with a stored session (clean: false) over MQTT 3.1.1. The client library neither reconnects nor resends:
 * a message that it kept from an earlier connection would go out at a time when it isn't true any more.
 * @throws when the broker can't be reached or refuses the account
 */
export const connectBroker: ConnectBroker = async (options) => {
  const client = connectMqtt(clientOptions(options));
  client.handleMessage = (packet, acknowledge) => {
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    options.onMessage(payload, packet.topic).then(
      () => acknowledge(),
      (error: Error) => acknowledge(error),
    );
  };
  const ended = new AbortController();
  // Every publish that waits for its answer listens to it.
  setMaxListeners(0, ended.signal);
  client.once('close', () => {
    client.end(true);
    ended.abort();
  });
  await connected(client, options.host);
  // Small packets in quick succession would wait for each other's TCP acknowledgement otherwise.
  (client.stream as unknown as Socket).setNoDelay(true);
  return createLink(client, ended.signal);
};

function clientOptions({ will, keepaliveSeconds, ...options }: LinkOptions): IClientOptions {
  return {
    host: options.host,
    port: options.port,
    ...brokerSecurity(options.tls),
    protocolVersion: 4,
    clientId: options.clientId,
    username: options.username,
    ...(options.password === undefined ? {} : { password: options.password }),
    clean: false,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepalive: keepaliveSeconds,
    will: {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: will.qos,
      retain: will.retain ?? false,
    },
  };
}

function connected(client: MqttClient, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let lastError = new Error('the connection ended before the broker answered');
    // Stays for the life of the client: an 'error' that nobody listens to would end the process.
    client.on('error', (error) => {
      const { code } = error as { code?: unknown };
      const advice = tlsFailure(
        { ...(typeof code === 'string' ? { code } : {}), message: error.message },
        host,
      );
      lastError = advice === undefined ? error : new Error(advice, { cause: error });
      client.end(true);
      reject(lastError);
    });
    client.once('close', () => reject(lastError));
    client.once('connect', () => resolve());
  });
}

function createLink(client: MqttClient, ended: AbortSignal): BrokerLink {
  const closed = new Promise<void>((resolve) => {
    if (ended.aborted) resolve();
    ended.addEventListener('abort', () => resolve(), { once: true });
  });
  return {
    closed,
    async publish({ topic, payload, qos, retain = false }) {
      if (!client.connected || client.disconnecting) throw new Error('not connected');
      await settledBefore(ended, client.publishAsync(topic, payload, { qos, retain }));
    },
    async subscribe(topics) {
      const granted = await settledBefore(ended, client.subscribeAsync([...topics], { qos: 1 }));
      const refused = granted.find(({ qos }) => qos > 2);
      if (refused !== undefined) throw new Error(`the broker refused the subscription to ${refused.topic}`);
    },
    async close() {
      await settledWithin(CLOSE_TIMEOUT_MS, client.endAsync(false));
      client.stream.destroy();
    },
    cut() {
      client.stream.destroy();
    },
  };
}

/** mqtt.js leaves a publish pending for ever when its connection dies: the end of the link and a time limit settle it. */
function settledBefore<T>(ended: AbortSignal, operation: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (reason: string) => () => settle(() => reject(new Error(reason)));
    const onEnd = giveUp('the connection ended');
    const timer = setTimeout(giveUp('the broker did not answer in time'), ANSWER_TIMEOUT_MS);
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      ended.removeEventListener('abort', onEnd);
      outcome();
    };
    ended.addEventListener('abort', onEnd);
    if (ended.aborted) onEnd();
    operation.then(
      (value) => settle(() => resolve(value)),
      (error: Error) => settle(() => reject(error)),
    );
  });
}
