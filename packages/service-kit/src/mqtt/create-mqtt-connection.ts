import type { Logger } from '../logging/logger.ts';
import type { GaugeMetric } from '../metrics/create-metrics.ts';
import type { MqttConnection, MqttConnectionOptions } from './mqtt-connection.ts';
import { MqttNotConnectedError } from './mqtt-errors.ts';
import { MqttLink } from './mqtt-link.ts';
import type { PublishOptions, ReceivedMessage } from './received-message.ts';

const PUBLISH_TIMEOUT_MS = 10_000;
const KEEPALIVE_SECONDS = 30;
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 10_000;
const SHORTEST_BACKOFF_MS = 50;
/** A connection that ended sooner counts as a failed try: two clients of one id would else cut each other without pause. */
const STABLE_AFTER_MS = 5000;
const RETRY_REFUSED_MS = 30_000;
/** The broker's own no, as mqtt.js tells it, and what only somebody who changes a certificate or a setting can mend. */
const REFUSAL = /^Connection refused: |certificate|TLS/;

/**
 * Keeps one connection to the broker open: opens another after its end, with exponential backoff and full jitter, also
 * after a refusal. Nothing is kept for a later connection. Logs one line per change, not per try.
 */
export function createMqttConnection(options: MqttConnectionOptions): MqttConnection {
  return new ReconnectingConnection(options);
}

class ReconnectingConnection implements MqttConnection {
  readonly #options: MqttConnectionOptions;
  readonly #logger: Logger;
  #link: MqttLink | undefined;
  #since: Date | null = null;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #endPause: (() => void) | undefined;
  readonly #gauge: GaugeMetric | undefined;
  /** What kind of failure was logged last; more of the same kind aren't logged. */
  #loggedKind: string | undefined;

  constructor(options: MqttConnectionOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ mqtt_client_id: options.clientId });
    this.#gauge = options.metrics?.gauge(
      'infoscreen_mqtt_connected',
      'Whether a connection to the broker is open, accepted and subscribed.',
      ['connection'],
    );
    this.#tellMetric();
  }

  get connected(): boolean {
    return this.#since !== null;
  }

  get since(): Date | null {
    return this.#since;
  }

  get bufferedBytes(): number {
    return this.#link?.bufferedBytes ?? 0;
  }

  start(): void {
    if (this.#running !== undefined) return;
    this.#isStopping = false;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#endPause?.();
    const running = this.#running;
    await this.#link?.end();
    await running;
    // Unless it has been started again meanwhile.
    if (this.#running === running) this.#running = undefined;
  }

  async publish(
    topic: string,
    payload: string | Uint8Array,
    options: PublishOptions,
    timeoutMs = PUBLISH_TIMEOUT_MS,
  ): Promise<void> {
    if (this.#link === undefined || !this.connected || this.#isStopping) throw new MqttNotConnectedError();
    await this.#link.publish(topic, payload, options, timeoutMs);
  }

  async unsubscribe(filters: readonly string[]): Promise<void> {
    if (this.#link === undefined || !this.connected || this.#isStopping) throw new MqttNotConnectedError();
    await this.#link.unsubscribe(filters);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping) {
      const startedAt = performance.now();
      const wasOpen = await this.#connectOnce();
      failures = wasOpen && performance.now() - startedAt > STABLE_AFTER_MS ? 0 : failures + 1;
      if (!this.#isStopping) await this.#pause(failures);
    }
  }

  /** From CONNECT to the end of the connection. @returns whether it was open */
  async #connectOnce(): Promise<boolean> {
    const { onMessage } = this.#options;
    const link = new MqttLink({
      ...this.#options,
      keepaliveSeconds: this.#options.keepaliveSeconds ?? KEEPALIVE_SECONDS,
      onMessage: (message) => this.#deliver(message, onMessage),
    });
    this.#link = link;
    const failure = (await link.opened) ?? (await this.#subscribe(link));
    const isOpen = failure === undefined && !this.#isStopping;
    if (isOpen) {
      this.#loggedKind = undefined;
      this.#setSince(new Date());
      this.#logger.info('mqtt connected', { session_present: link.sessionPresent });
      const reason = await link.closed;
      this.#setSince(null);
      if (!this.#isStopping) this.#logFailure('mqtt connection lost, trying again', reason);
    } else if (failure !== undefined && !this.#isStopping) {
      link.cut();
      this.#logFailure('mqtt connection failed, trying again', failure);
    }
    await link.end();
    this.#link = undefined;
    return isOpen;
  }

  /** One line per outage, and one more where the broker is there and refuses: then somebody has to act. */
  #logFailure(message: string, reason: string): void {
    const kind = REFUSAL.test(reason) ? reason : 'unreachable';
    if (kind !== this.#loggedKind) this.#logger.warn(message, { reason });
    this.#loggedKind = kind;
  }

  /** @returns why the connection is of no use, or `undefined` */
  async #subscribe(link: MqttLink): Promise<string | undefined> {
    const { subscriptions = [] } = this.#options;
    try {
      const refused = await link.subscribe(subscriptions);
      if (refused.length > 0) this.#retryRefused(link, refused);
      return undefined;
    } catch (error) {
      return error instanceof Error ? `subscribing failed: ${error.message}` : String(error);
    }
  }

  /** Rights may follow the connection, as when a broker's accounts are being restored. */
  #retryRefused(link: MqttLink, filters: readonly string[]): void {
    this.#logger.error('mqtt subscription refused', { filters });
    let refused = filters;
    const retry = async () => {
      const wanted = (this.#options.subscriptions ?? []).filter(({ filter }) => refused.includes(filter));
      refused = await link.subscribe(wanted);
      if (refused.length > 0) return;
      clearInterval(timer);
      this.#logger.info('mqtt subscription granted', { filters });
    };
    // A try that fails is followed by another, or by the end of the connection.
    const timer = setInterval(() => void retry().catch(() => {}), RETRY_REFUSED_MS);
    void link.closed.then(() => clearInterval(timer));
  }

  /** A handler that throws must not end the stream; its message stays unacknowledged. */
  #deliver(message: ReceivedMessage, handler: MqttConnectionOptions['onMessage']): Promise<void> | undefined {
    const report = (error: unknown) =>
      this.#logger.error('mqtt message handler failed', { topic: message.topic, error });
    try {
      return handler?.(message)?.catch(report);
    } catch (error) {
      report(error);
      return undefined;
    }
  }

  #setSince(since: Date | null): void {
    this.#since = since;
    this.#tellMetric();
    this.#options.onStatus?.({ connected: since !== null, since });
  }

  #tellMetric(): void {
    const { name } = this.#options;
    if (name !== undefined) this.#gauge?.set(this.connected ? 1 : 0, { connection: name });
  }

  async #pause(failures: number): Promise<void> {
    const ceilingMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 20));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SHORTEST_BACKOFF_MS + Math.random() * ceilingMs);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
