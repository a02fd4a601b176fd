import mqtt, { type IClientOptions, type IClientPublishOptions, type MqttClient } from 'mqtt';
import { eventually } from '../eventually.ts';

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  /** The payload's text. */
  readonly text: string;
  /** The payload as JSON; `undefined` when it is none. */
  readonly json: unknown;
}

export interface MqttConnectionOptions {
  readonly port: number;
  readonly host?: string;
  readonly clientId: string;
  /** Over TLS; with `cert` and `key` it shows a certificate of its own. Everything is PEM. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
  readonly username?: string;
  readonly password?: string;
  /** `true` when left out: no durable session. */
  readonly clean?: boolean;
  readonly keepaliveSeconds?: number;
  readonly will?: IClientOptions['will'];
}

/** A plain MQTT 3.1.1 connection that never reconnects by itself. */
export interface MqttConnection {
  /** For what the rest doesn't offer. */
  readonly client: MqttClient;
  readonly sessionPresent: boolean;
  /** All messages so far, oldest first. */
  readonly messages: readonly ReceivedMessage[];
  /** Granted QoS, or 128 where the broker refused the filter. */
  readonly subscribe: (filter: string, qos?: 0 | 1) => Promise<number>;
  /** At QoS 1 (unless said otherwise) resolves with the broker's acknowledgement. */
  readonly publish: (topic: string, payload: unknown, options?: IClientPublishOptions) => Promise<void>;
  /** The first message, past or future, that fits. */
  readonly waitFor: (
    fits: (message: ReceivedMessage) => boolean,
    options?: { readonly deadlineMs?: number },
  ) => Promise<ReceivedMessage>;
  readonly isConnected: () => boolean;
  /** Resolves once the connection is gone, whoever ended it. */
  readonly closed: (options?: { readonly deadlineMs?: number }) => Promise<void>;
  /** Disconnects in order: no last will. */
  readonly end: () => Promise<void>;
  /** Cuts the connection as a power failure would: the broker sends the last will. */
  readonly cut: () => Promise<void>;
}

/** The broker's refusal of a connection; `code` is CONNACK's (4 wrong password, 5 not authorised, 2 client id). */
export class ConnectionRefused extends Error {
  readonly code: number;
  constructor(code: number, options: ErrorOptions) {
    super(`connection refused by the broker with code ${code}`, options);
    this.code = code;
  }
}

const CONNECT_DEADLINE_MS = 5000;
const REFUSED_FILTER = 128;

/** @throws `ConnectionRefused`, or the socket's error when nobody listens */
export async function connectMqtt(options: MqttConnectionOptions): Promise<MqttConnection> {
  const messages: ReceivedMessage[] = [];
  const client = mqtt.connect({ ...clientOptions(options), manualConnect: true });
  client.on('message', (topic, payload, { qos, retain, dup }) => {
    const text = payload.toString('utf8');
    messages.push({ topic, payload, qos, retain, dup, text, json: parseJson(text) });
  });
  const sessionPresent = await connected(client);
  client.on('error', () => {});
  let isOpen = true;
  client.once('close', () => {
    isOpen = false;
  });
  const closed: MqttConnection['closed'] = async ({ deadlineMs = 5000 } = {}) => {
    await eventually(() => !isOpen, { deadlineMs, what: 'the MQTT connection is closed' });
  };
  return {
    client,
    sessionPresent,
    messages,
    subscribe: (filter, qos = 1) => subscribe(client, filter, qos),
    publish: async (topic, payload, publishOptions) => {
      await client.publishAsync(topic, asBytes(payload), { qos: 1, ...publishOptions });
    },
    waitFor: (fits, { deadlineMs = 5000 } = {}) =>
      eventually(() => messages.find(fits), {
        deadlineMs,
        intervalMs: 5,
        what: `a message that fits ${fits.toString()}`,
      }),
    isConnected: () => isOpen,
    closed,
    end: async () => {
      await client.endAsync(!isOpen);
    },
    cut: async () => {
      client.stream.destroy();
      await closed();
      await client.endAsync(true);
    },
  };
}

function clientOptions(options: MqttConnectionOptions): IClientOptions {
  return {
    protocol: options.tls === undefined ? 'mqtt' : 'mqtts',
    ...options.tls,
    protocolVersion: 4,
    host: options.host ?? '127.0.0.1',
    port: options.port,
    clientId: options.clientId,
    clean: options.clean ?? true,
    keepalive: options.keepaliveSeconds ?? 60,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_DEADLINE_MS,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.will === undefined ? {} : { will: options.will }),
  };
}

function connected(client: MqttClient): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      client.end(true);
      const code = (error as { code?: unknown }).code;
      reject(typeof code === 'number' ? new ConnectionRefused(code, { cause: error }) : error);
    };
    client.once('error', fail);
    const closeEarly = () => fail(new Error('connection closed before the broker answered'));
    client.once('close', closeEarly);
    client.once('connect', (packet) => {
      client.removeListener('close', closeEarly);
      client.removeListener('error', fail);
      setNoDelay(client);
      resolve(packet.sessionPresent);
    });
    client.connect();
  });
}

/** Without it a small request and its answer wait some 40 ms. */
function setNoDelay(client: MqttClient): void {
  const { stream } = client;
  if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
}

/** mqtt.js makes an error of a refused filter; here it is an answer. */
function subscribe(client: MqttClient, filter: string, qos: 0 | 1): Promise<number> {
  return new Promise((resolve, reject) => {
    client.subscribe(filter, { qos }, (error, granted) => {
      const refused =
        granted?.[0]?.qos === REFUSED_FILTER ||
        (error !== null && /unspecified error|not authori[sz]ed/i.test(error.message));
      if (refused) resolve(REFUSED_FILTER);
      else if (error !== null) reject(error);
      else resolve(granted?.[0]?.qos ?? qos);
    });
  });
}

function asBytes(payload: unknown): string | Buffer {
  return typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
