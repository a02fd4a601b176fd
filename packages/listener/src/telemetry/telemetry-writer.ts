import {
  type CounterMetric,
  type GaugeMetric,
  type HistogramMetric,
  type ReceivedMessage,
  settledWithin,
} from '@infoscreen/service-kit';
import { UNKNOWN_CLIENT } from '../clients/touch-client.ts';
import { backoff } from '../intake/backoff.ts';
import { ClientQueue } from '../intake/client-queue.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import { StoringEpisode } from '../intake/storing-episode.ts';
import { isTransientFailure } from '../intake/transient-failure.ts';
import type { WorkLimit } from '../intake/work-limit.ts';
import type { Rejection } from '../rejections/rejection-book.ts';
import { addNewer, type ClientTelemetry } from './client-telemetry.ts';
import { DatabaseClock } from './database-clock.ts';
import { LockedClients } from './locked-clients.ts';
import { TelemetryQueue } from './telemetry-queue.ts';
import { TelemetryReports } from './telemetry-reports.ts';
import { WritePace } from './write-pace.ts';
import { type TelemetryCanary, type WrittenTelemetry, writeTelemetry } from './write-telemetry.ts';

const MAX_BATCH = 1000;
const MAX_WAITING_CLIENTS = 20_000;
const MAX_WAITING_MESSAGES = 100_000;
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
const MAX_WAITING_REPORTS = 2000;
/** From so many on, reading goes at the pace of writing. */
const PACED_CLIENTS = 2500;
const PACED_BYTES = 8 * 1024 * 1024;
/** A client whose row somebody else holds is tried again after this. */
const LOCKED_RETRY_MS = 200;

export interface TelemetryWriterDeps {
  readonly intake: IntakeDeps;
  readonly limit: WorkLimit;
  readonly instance: string;
}

/**
 * Writes telemetry in batches: as soon as no other write is in flight, all that has come meanwhile, of each client the
 * newest. No timer delays a message, and the busier it gets, the larger the batches.
 */
export class TelemetryWriter {
  readonly #deps: TelemetryWriterDeps;
  readonly #queue = new TelemetryQueue({
    maxClients: MAX_WAITING_CLIENTS,
    maxMessages: MAX_WAITING_MESSAGES,
    maxBytes: MAX_WAITING_BYTES,
  });
  readonly #clock = new DatabaseClock();
  readonly #canaries = new Map<number, TelemetryCanary>();
  readonly #reports: TelemetryReports;
  readonly #reportQueue: ClientQueue;
  readonly #episode: StoringEpisode;
  readonly #metrics: { dropped: CounterMetric; waiting: GaugeMetric; seconds: HistogramMetric };
  readonly #locked = new LockedClients({
    retryAfterMs: LOCKED_RETRY_MS,
    retry: (telemetry) => {
      this.#restore(telemetry);
      this.#flushSoon();
    },
  });
  #flushing: Promise<void> | undefined;
  #isDropping = false;
  readonly #pace = new WritePace();
  readonly #closed = new AbortController();

  constructor(deps: TelemetryWriterDeps) {
    this.#deps = deps;
    const { logger, metrics } = deps.intake;
    this.#reports = new TelemetryReports(deps.intake);
    this.#episode = new StoringEpisode(logger, { stream: 'telemetry' });
    this.#reportQueue = new ClientQueue({
      run: deps.limit.runInBackground,
      maxHeld: MAX_WAITING_REPORTS,
      maxHeldBytes: MAX_WAITING_BYTES,
      onRetry: (error) => this.#episode.failed(error),
      onSuccess: () => {},
    });
    this.#metrics = {
      dropped: metrics.counter(
        'infoscreen_telemetry_dropped_total',
        'Telemetry dropped because too much was waiting.',
      ),
      waiting: metrics.gauge(
        'infoscreen_telemetry_waiting_clients',
        'Clients whose telemetry waits to be stored.',
        [],
        (gauge) => gauge.set(this.#queue.size),
      ),
      seconds: metrics.histogram('infoscreen_telemetry_write_seconds', 'Duration of the write of one batch.'),
    };
  }

  /** @returns while much waits: a promise after which to read on */
  add(telemetry: ClientTelemetry): Promise<void> | undefined {
    if (this.#locked.join(telemetry)) return undefined;
    for (const oldest of this.#queue.add(telemetry)) this.#drop(oldest);
    this.#flushSoon();
    const isMuch = this.#queue.size >= PACED_CLIENTS || this.#queue.bytes >= PACED_BYTES;
    return isMuch ? this.#pace.pause() : undefined;
  }

  addCanary(canary: TelemetryCanary): void {
    this.#canaries.set(canary.lane, canary);
    this.#flushSoon();
  }

  /** Stores what waits, for at most `timeoutMs`, and ends. */
  async stop(timeoutMs: number): Promise<void> {
    const work = async () => {
      await this.#flushing;
      await this.#reportQueue.drain(timeoutMs);
      await this.#deps.intake.rejections.settled();
    };
    await settledWithin(timeoutMs, work());
    this.#closed.abort();
    this.#reportQueue.close();
    this.#locked.clear();
    await this.#flushing;
  }

  #flushSoon(): void {
    if (this.#flushing !== undefined || this.#closed.signal.aborted) return;
    this.#flushing = this.#flushAll().finally(() => {
      this.#flushing = undefined;
    });
  }

  async #flushAll(): Promise<void> {
    // All messages of the present network read belong into the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let failures = 0; this.#queue.size + this.#canaries.size > 0 && !this.#closed.signal.aborted; ) {
      const clients = this.#queue.take(MAX_BATCH);
      const canaries = [...this.#canaries.values()];
      this.#canaries.clear();
      try {
        const write = this.#write(clients, canaries);
        this.#pace.began(write);
        await write;
        this.#episode.succeeded();
        this.#isDropping = false;
        failures = 0;
      } catch (error) {
        this.#episode.failed(error);
        for (const telemetry of clients) this.#restore(telemetry);
        await backoff(failures, this.#closed.signal);
        failures += 1;
      }
    }
  }

  /** A batch that the database refuses for its content is halved until the one that it refuses is found. */
  async #write(clients: readonly ClientTelemetry[], canaries: readonly TelemetryCanary[]): Promise<void> {
    const startedAt = performance.now();
    let written: readonly WrittenTelemetry[];
    try {
      written = await writeTelemetry(this.#deps.intake.pool, {
        clients,
        canaries,
        instance: this.#deps.instance,
        clock: this.#clock,
      });
    } catch (error) {
      if (isTransientFailure(error) || clients.length === 0) throw error;
      if (clients.length === 1) return this.#refuse(clients[0], error);
      const middle = Math.ceil(clients.length / 2);
      await this.#write(clients.slice(0, middle), canaries);
      return this.#write(clients.slice(middle), []);
    }
    this.#metrics.seconds.observe({}, (performance.now() - startedAt) / 1000);
    const results = new Map(written.map((result) => [result.clientUuid, result]));
    for (const telemetry of clients) this.#settle(telemetry, results.get(telemetry.clientUuid));
  }

  #settle(telemetry: ClientTelemetry, written: WrittenTelemetry | undefined): void {
    if (written === undefined || !written.isKnown) this.#reject(telemetry, UNKNOWN_CLIENT);
    else if (written.isLocked) this.#hold(telemetry);
    else if (!this.#reports.hasNews(telemetry, written)) acknowledgeAll(telemetry.messages);
    // The next message tells the same again.
    else if (this.#reportQueue.held >= MAX_WAITING_REPORTS) this.#drop(telemetry);
    else {
      void this.#reportQueue.push(telemetry.clientUuid, {
        run: async () => {
          await this.#reports.store(telemetry, written);
          acknowledgeAll(telemetry.messages);
        },
        giveUp: async (error) => this.#refuse(telemetry, error),
        bytes: telemetry.bytes,
      });
    }
  }

  /** With what has come of the client since the batch began. */
  #hold(telemetry: ClientTelemetry): void {
    const newer = this.#queue.takeOf(telemetry.clientUuid);
    if (newer !== undefined) addNewer(telemetry, newer);
    this.#locked.hold(telemetry);
  }

  #restore(telemetry: ClientTelemetry): void {
    for (const oldest of this.#queue.restore(telemetry)) this.#drop(oldest);
  }

  #refuse(telemetry: ClientTelemetry | undefined, error: unknown): void {
    if (telemetry === undefined) return;
    this.#deps.intake.logger.error('telemetry is not storable', { client_uuid: telemetry.clientUuid, error });
    const detail = error instanceof Error ? error.message.slice(0, 500) : 'unknown error';
    this.#reject(telemetry, { reason: 'not_storable', detail });
  }

  #reject({ clientUuid, messages }: ClientTelemetry, rejection: Rejection): void {
    for (const message of messages) this.reject(message, clientUuid, rejection);
  }

  /** Telemetry comes again, so its rejection isn't worth a second try. */
  reject(message: ReceivedMessage, clientUuid: string | undefined, rejection: Rejection): void {
    const { topic, payload } = message;
    void this.#deps.intake.rejections
      .recordOrCount({ topic, payload, clientUuid, ...rejection }, (error) => this.#episode.failed(error))
      .then(() => message.acknowledge());
  }

  #drop(telemetry: ClientTelemetry): void {
    acknowledgeAll(telemetry.messages);
    this.#metrics.dropped.inc({}, telemetry.messages.length);
    if (!this.#isDropping) this.#deps.intake.logger.warn('telemetry dropped, too much is waiting');
    this.#isDropping = true;
  }
}

function acknowledgeAll(messages: readonly ReceivedMessage[]): void {
  for (const message of messages) message.acknowledge();
}
