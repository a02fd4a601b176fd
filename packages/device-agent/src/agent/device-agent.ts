import { randomUUID } from 'node:crypto';
import { commandTopics, DISCOVERY_ALIAS_TOPIC, deviceTopic } from '@infoscreen/shared-types';
import { BrokerConnection } from '../broker/broker-connection.ts';
import { type BrokerLink, connectBroker, type OutgoingMessage } from '../broker/broker-link.ts';
import { Outbox } from '../broker/outbox.ts';
import { type AckReport, CommandRunner } from '../commands/command-runner.ts';
import { decideCommand } from '../commands/decide-command.ts';
import { SILENT_LOG } from './agent-log.ts';
import type { DeviceAgentOptions } from './agent-options.ts';
import { settledWithin } from './delay.ts';
import { FailedUnits, type ServiceFailure } from './failed-units.ts';
import { discoveryReport, isoTime } from './reports.ts';
import { createTelemetry, type Telemetry } from './telemetry.ts';

const DEFAULTS = {
  heartbeatIntervalSeconds: 30,
  healthIntervalSeconds: 60,
  keepaliveSeconds: 30,
  reconnectBackoff: { baseMs: 1_000, maxMs: 60_000 },
  powerActionTimeoutSeconds: 120,
  isLegacy: false,
  usesLegacyAckTopic: false,
  now: Date.now,
  random: Math.random,
  log: SILENT_LOG,
  connect: connectBroker,
  decide: decideCommand,
  onConnectionChange: () => undefined,
} satisfies Partial<DeviceAgentOptions>;

const GOODBYE_TIMEOUT_MS = 2_000;

/**
 * One life of a screen's agent, from the start of its process to its end; after a reboot comes a new one with the same
 * store. Does nothing until `start`, and can't be started again after `stop` or `abandon`.
 */
export class DeviceAgent {
  readonly #options: DeviceAgentOptions & Required<Omit<DeviceAgentOptions, 'password'>>;
  readonly #ended = new AbortController();
  readonly #outbox = new Outbox();
  readonly #connection: BrokerConnection;
  readonly #failedUnits: FailedUnits;
  #runner: CommandRunner | null = null;
  #telemetry: Telemetry | null = null;
  #sessionId = '';

  constructor(options: DeviceAgentOptions) {
    this.#options = { ...DEFAULTS, ...options };
    const { log, now, random, reconnectBackoff } = this.#options;
    this.#failedUnits = new FailedUnits(now);
    this.#connection = new BrokerConnection({
      open: () => this.#open(),
      onOpen: (link) => this.#introduce(link),
      onClose: () => this.#fallSilent(),
      backoff: reconnectBackoff,
      random,
      now,
      log,
    });
  }

  /** Loads the memory and begins to connect. Resolves before the broker is reached, and whether or not it can be. */
  async start(): Promise<void> {
    const { store, uuid, host, decide, now, log, isLegacy, powerActionTimeoutSeconds } = this.#options;
    const memory = await store.load();
    if (this.#ended.signal.aborted) return;
    this.#runner = new CommandRunner({
      clientUuid: uuid,
      host,
      reportedBootId: isLegacy ? null : host.bootId(),
      memory,
      saveMemory: (changed) => store.save(changed),
      decide,
      acknowledge: (report) => this.#acknowledge(report),
      leave: (reason) => this.#leave(reason),
      comeBack: () => this.#connection.resume(),
      now,
      powerActionTimeoutMs: powerActionTimeoutSeconds * 1_000,
      signal: this.#ended.signal,
      log,
    });
    log.info('agent started', { boot_id: host.bootId() });
    await this.#runner.settle();
    this.#connection.start();
  }

  /** Says goodbye to the broker with `reason` and ends. */
  async stop(reason = 'stopped'): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#connection.stop();
    await this.#sayGoodbye(reason);
    this.#options.log.info('agent stopped', { reason });
  }

  /** Ends without a word, as when the power goes: the broker publishes the last will. */
  abandon(): void {
    this.#ended.abort();
    this.#connection.stop();
    this.#connection.link?.cut();
  }

  /** Reports a failed unit of the host, and repeats it in every health report until `unitRecovered`. */
  unitFailed(failure: ServiceFailure): void {
    const { unit, failedAt } = this.#failedUnits.open(failure);
    const { reason, restarts } = failure;
    this.#options.log.warn('service failed', { unit });
    void this.#outbox.add(this.#message('service_failed', { unit, failed_at: failedAt, reason, restarts }));
  }

  unitRecovered(unit: string): void {
    this.#failedUnits.close(unit);
  }

  get isOnline(): boolean {
    return this.#telemetry !== null;
  }

  async #open(): Promise<BrokerLink> {
    const { broker, uuid, password, keepaliveSeconds, connect } = this.#options;
    this.#sessionId = randomUUID();
    return connect({
      ...broker,
      clientId: uuid,
      username: uuid,
      ...(password === undefined ? {} : { password }),
      keepaliveSeconds,
      will: this.#presence(false, 'connection_lost'),
      onMessage: async (payload) => this.#runner?.receive(payload),
    });
  }

  /** Who and how the screen is, what it has to say since the last connection, and only then: ready for commands. */
  async #introduce(link: BrokerLink): Promise<void> {
    const { uuid, host, isLegacy, onConnectionChange } = this.#options;
    const [current, legacyAlias] = commandTopics(uuid, { legacy: true }) as [string, string];
    const discovery = this.#message(
      'discovery',
      discoveryReport(uuid, host.identity(), this.#reportedBootId()),
    );
    await Promise.all([
      link.publish(this.#presence(true)),
      link.publish(isLegacy ? { ...discovery, topic: DISCOVERY_ALIAS_TOPIC } : discovery),
      link.subscribe(isLegacy ? [legacyAlias] : [current, legacyAlias]),
    ]);
    this.#outbox.useLink(link);
    this.#telemetry = this.#startTelemetry(link);
    onConnectionChange(true);
  }

  #startTelemetry(link: BrokerLink): Telemetry {
    return createTelemetry({
      ...this.#options,
      bootId: this.#reportedBootId(),
      send: (kind, payload, qos) => link.publish({ ...this.#message(kind, payload), qos }),
      memory: () => this.#runner?.memory,
      failedUnits: () => this.#failedUnits.list(),
      connection: this.#connection,
    });
  }

  #fallSilent(): void {
    this.#outbox.useLink(null);
    if (this.#telemetry === null) return;
    this.#telemetry.stop();
    this.#telemetry = null;
    this.#options.onConnectionChange(false);
  }

  async #leave(reason: string): Promise<void> {
    this.#connection.pause();
    await this.#sayGoodbye(reason);
  }

  async #sayGoodbye(reason: string): Promise<void> {
    const { link } = this.#connection;
    this.#telemetry?.stop();
    this.#outbox.useLink(null);
    if (link === null) return;
    await settledWithin(GOODBYE_TIMEOUT_MS, link.publish(this.#presence(false, reason)));
    await link.close();
  }

  #acknowledge({ commandId, status, errorCode, errorMessage }: AckReport): Promise<void> {
    const { isLegacy, usesLegacyAckTopic, now } = this.#options;
    const kind = isLegacy || usesLegacyAckTopic ? 'command_ack_legacy' : 'command_ack';
    return this.#outbox.add(
      this.#message(kind, {
        command_id: commandId,
        status,
        error_code: errorCode,
        error_message: errorMessage,
        timestamp: isoTime(now()),
        boot_id: this.#reportedBootId(),
      }),
    );
  }

  #reportedBootId(): string | undefined {
    return this.#options.isLegacy ? undefined : this.#options.host.bootId();
  }

  #presence(isOnline: boolean, reason?: string): OutgoingMessage {
    const payload = { online: isOnline, session_id: this.#sessionId, reason };
    return { ...this.#message('presence', payload), retain: true };
  }

  #message(kind: Parameters<typeof deviceTopic>[1], payload: unknown): OutgoingMessage {
    return { topic: deviceTopic(this.#options.uuid, kind), payload: JSON.stringify(payload), qos: 1 };
  }
}

export function createDeviceAgent(options: DeviceAgentOptions): DeviceAgent {
  return new DeviceAgent(options);
}
