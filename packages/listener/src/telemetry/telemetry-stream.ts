import {
  createMqttConnection,
  type MessageHead,
  type MqttConnection,
  type ReceivedMessage,
} from '@infoscreen/service-kit';
import { canaryTopic, fleetFilter, laneOf, parseInboundPayload } from '@infoscreen/shared-types';
import { readCanary, telemetryCanaryName } from '../canary/canary-message.ts';
import type { Broker } from '../intake/intake-deps.ts';
import type { LaneLease } from '../lanes/lane-leases.ts';
import { RATE_LIMITED } from '../rates/client-rates.ts';
import { type MessageSource, messageSource } from '../rates/message-source.ts';
import { shedSurplus } from '../rates/shed-surplus.ts';
import { telemetryOfHealth, telemetryOfHeartbeat } from './client-telemetry.ts';
import { TelemetryWriter, type TelemetryWriterDeps } from './telemetry-writer.ts';

const DRAIN_TIMEOUT_MS = 1500;

export interface TelemetryStreamDeps extends TelemetryWriterDeps {
  readonly broker: Broker;
  readonly laneCount: number;
  /** The lanes held now: messages of others are skipped. */
  readonly leases: () => readonly LaneLease[];
  readonly onConnected: () => void;
}

/**
 * Heartbeat and health, over a connection without a stored session: what comes while nobody reads is lost on purpose, so
 * that an outage of ours can't make a dead screen look alive afterwards.
 */
export class TelemetryStream {
  readonly #deps: TelemetryStreamDeps;
  readonly #writer: TelemetryWriter;
  readonly #connection: MqttConnection;
  readonly #received;
  /** Of the message whose head was looked at last: it is the next to be taken, mostly. */
  #lastSource = messageSource('');
  #isDraining = false;

  constructor(deps: TelemetryStreamDeps) {
    this.#deps = deps;
    this.#writer = new TelemetryWriter(deps);
    this.#received = deps.intake.metrics.counter(
      'infoscreen_messages_received_total',
      'Messages of the lanes held.',
      ['stream'],
    );
    this.#connection = createMqttConnection({
      ...deps.broker,
      clientId: `infoscreen-listener-telemetry-${deps.instance}`,
      clean: true,
      metrics: deps.intake.metrics,
      name: 'telemetry',
      logger: deps.intake.logger,
      subscriptions: [fleetFilter('heartbeat'), fleetFilter('health'), canaryTopic('+')].map((filter) => ({
        filter,
        qos: 1 as const,
      })),
      shed: (head) => this.#shed(head),
      onMessage: (message) => this.#take(message),
      onStatus: ({ connected }) => {
        if (connected) deps.onConnected();
      },
    });
  }

  get connection(): Pick<MqttConnection, 'connected' | 'since'> {
    return this.#connection;
  }

  start(): void {
    this.#connection.start();
  }

  /** Lets the broker forget what has piled up; what has been received is kept, with the time at which it was. */
  async forgetBacklog(): Promise<void> {
    await this.#connection.stop();
    if (!this.#isDraining) this.#connection.start();
  }

  async stop(): Promise<void> {
    this.#isDraining = true;
    await this.#writer.stop(DRAIN_TIMEOUT_MS);
    await this.#connection.stop();
  }

  /** Messages of lanes that others hold, and the surplus of a client that floods, aren't worth parsing. */
  #shed(head: MessageHead): boolean {
    if (this.#isDraining) return false;
    const source = this.#sourceOf(head.topic);
    if (source.topic?.kind === 'canary') return false;
    if (!this.#holdsLaneOf(source.messageClass === 'telemetry' ? source.key : head.topic)) return true;
    // Nothing is kept for this stream while it is away: all of it is live.
    const arriving = { source, head, isLive: true };
    return shedSurplus(this.#deps.intake, arriving, () => this.#received.inc({ stream: 'telemetry' }));
  }

  /** @returns while much waits: a promise after which to read on */
  #take(message: ReceivedMessage): Promise<void> | undefined {
    if (this.#isDraining) return undefined;
    const source = this.#sourceOf(message.topic);
    const { topic } = source;
    if (topic?.kind === 'canary') this.#takeCanary(topic.name, message);
    // A topic whose UUID isn't one is refused once, by the lane that it falls to.
    else if (this.#holdsLaneOf(source.messageClass === 'telemetry' ? source.key : message.topic))
      return this.#takeOwn(message, source);
    else message.acknowledge();
    return undefined;
  }

  #takeOwn(message: ReceivedMessage, source: MessageSource): Promise<void> | undefined {
    this.#received.inc({ stream: 'telemetry' });
    const surplus = { bytes: message.payload.byteLength, isLive: true };
    if (!this.#deps.intake.rates.admits(source, message, surplus)) {
      const clientUuid = source.messageClass === 'telemetry' ? source.key : undefined;
      this.#writer.reject(message, clientUuid, RATE_LIMITED);
      return undefined;
    }
    const parsed = parseInboundPayload(source.topic, message.payload);
    if (parsed.ok === false) {
      this.#writer.reject(message, parsed.clientUuid, parsed);
    } else if (parsed.ok === true && message.retain) {
      const clientUuid = 'clientUuid' in parsed.message ? parsed.message.clientUuid : undefined;
      const detail = 'a retained message counts on presence alone';
      this.#writer.reject(message, clientUuid, { reason: 'retained', detail });
    } else if (parsed.ok === true && parsed.message.kind === 'heartbeat') {
      return this.#writer.add(
        telemetryOfHeartbeat(parsed.message.clientUuid, parsed.message.payload, message),
      );
    } else if (parsed.ok === true && parsed.message.kind === 'health') {
      return this.#writer.add(telemetryOfHealth(parsed.message.clientUuid, parsed.message.payload, message));
    } else {
      message.acknowledge();
    }
    return undefined;
  }

  /** The proof that telemetry of a lane flows from the broker into the database. */
  #takeCanary(name: string, message: ReceivedMessage): void {
    message.acknowledge();
    const epoch = readCanary(message.payload)?.epoch;
    const lease = this.#deps.leases().find((held) => telemetryCanaryName(held) === name);
    if (lease !== undefined && lease.epoch === epoch) this.#writer.addCanary(lease);
  }

  #sourceOf(topic: string): MessageSource {
    if (this.#lastSource.name !== topic) this.#lastSource = messageSource(topic);
    return this.#lastSource;
  }

  #holdsLaneOf(key: string): boolean {
    const lane = laneOf(key, this.#deps.laneCount);
    return this.#deps.leases().some((lease) => lease.lane === lane);
  }
}
