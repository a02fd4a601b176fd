import { observeOffline } from '@infoscreen/commands';
import { type HistogramMetric, settledWithin } from '@infoscreen/service-kit';
import { noteBoot } from '../clients/note-boot.ts';
import { UNKNOWN_CLIENT } from '../clients/touch-client.ts';
import { backoff } from '../intake/backoff.ts';
import { ClientQueue } from '../intake/client-queue.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import { StoringEpisode } from '../intake/storing-episode.ts';
import { isTransientFailure } from '../intake/transient-failure.ts';
import type { RunTask } from '../intake/work-limit.ts';
import type { Rejection } from '../rejections/rejection-book.ts';
import { type ClientIdentity, identityBytes } from './client-identity.ts';
import { IdentityQueue } from './identity-queue.ts';
import { type AlsoStore, type WrittenIdentity, writeIdentities } from './write-identities.ts';

const MAX_BATCH = 1000;
/** Messages that are held in memory; more stay with the broker. */
const MAX_HELD = 5000;
const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** Of those, of one client. */
const MAX_HELD_PER_CLIENT = 300;
const MAX_HELD_BYTES_PER_CLIENT = 2 * 1024 * 1024;
/** A client whose row somebody else holds is tried again after this. */
const LOCKED_RETRY_MS = 200;

interface Also {
  readonly store: AlsoStore;
  readonly committed: () => void;
}

export interface IdentityWriterDeps {
  readonly intake: IntakeDeps;
  /** Where what isn't written in batches gets its place. */
  readonly runInBackground: RunTask;
}

/**
 * Writes discoveries and presences in batches: as soon as no other write is in flight, of each client what has come
 * meanwhile, in order per client. A message is acknowledged after the commit of its batch; none is dropped. What only a
 * transaction of its own can do (a proof of a command, a refusal) follows client by client, and holds up that client alone.
 */
export class IdentityWriter {
  readonly #deps: IdentityWriterDeps;
  readonly #queue = new IdentityQueue();
  readonly #afterwards: ClientQueue;
  readonly #episode: StoringEpisode;
  readonly #seconds: HistogramMetric;
  readonly #closed = new AbortController();
  readonly #lockedTimers = new Set<NodeJS.Timeout>();
  #also: Also[] = [];
  #flushing: Promise<void> | undefined;
  #waitingForRoom: (() => void)[] = [];
  #waitingForEnd: (() => void)[] = [];

  constructor(deps: IdentityWriterDeps) {
    this.#deps = deps;
    this.#episode = new StoringEpisode(deps.intake.logger, { stream: 'identity' });
    this.#afterwards = new ClientQueue({
      run: deps.runInBackground,
      maxHeld: MAX_HELD,
      maxHeldBytes: MAX_HELD_BYTES,
      onRetry: (error) => this.#episode.failed(error),
      onSuccess: () => {},
    });
    this.#seconds = deps.intake.metrics.histogram(
      'infoscreen_identity_write_seconds',
      'Duration of the write of one batch of discoveries and presences.',
    );
  }

  /** Whether the client has less than its share waiting. */
  hasRoomFor(clientUuid: string): boolean {
    const { messages, bytes } = this.#queue.heldOf(clientUuid);
    return messages < MAX_HELD_PER_CLIENT && bytes < MAX_HELD_BYTES_PER_CLIENT;
  }

  /** @returns while full: a promise that resolves when there is room again. The message itself is taken in any case. */
  add(identity: ClientIdentity): Promise<void> | undefined {
    this.#queue.add(identity);
    this.#flushSoon();
    return this.#hasRoom ? undefined : new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  /** Stores it with the next batch, also with none. @param committed called after the commit */
  storeWithNext(store: AlsoStore, committed: () => void): void {
    this.#also.push({ store, committed });
    this.#flushSoon();
  }

  /** Resolves when nothing is left, or after `timeoutMs`, where it is given, or after `close`. */
  async drain(timeoutMs?: number): Promise<void> {
    if (this.#isIdle) return;
    const idle = new Promise<void>((resolve) => this.#waitingForEnd.push(resolve));
    await (timeoutMs === undefined ? idle : settledWithin(timeoutMs, idle));
  }

  /** What isn't written by now is dropped, and stays with the broker. */
  close(): void {
    this.#closed.abort();
    this.#afterwards.close();
    for (const timer of this.#lockedTimers) clearTimeout(timer);
    for (const resolve of [...this.#waitingForRoom.splice(0), ...this.#waitingForEnd.splice(0)]) resolve();
  }

  get #hasRoom(): boolean {
    return this.#queue.messages < MAX_HELD && this.#queue.bytes < MAX_HELD_BYTES;
  }

  get #isIdle(): boolean {
    return this.#queue.messages === 0 && this.#flushing === undefined;
  }

  #flushSoon(): void {
    if (this.#flushing !== undefined || this.#closed.signal.aborted) return;
    this.#flushing = this.#flushAll().finally(() => {
      this.#flushing = undefined;
      this.#tellWaiting();
    });
  }

  async #flushAll(): Promise<void> {
    // All messages of the present network read belong into the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let failures = 0; !this.#closed.signal.aborted; ) {
      const batch = this.#queue.take(MAX_BATCH);
      const also = this.#also;
      this.#also = [];
      if (batch.length + also.length === 0) return;
      try {
        await this.#write(batch, also);
        this.#episode.succeeded();
        failures = 0;
      } catch (error) {
        this.#episode.failed(error);
        await backoff(failures, this.#closed.signal);
        failures += 1;
      }
    }
  }

  /**
   * A batch that the database refuses for its content is halved until the one that it refuses is found.
   * @throws when the database can't take it now; what isn't written is back in the queue then
   */
  async #write(batch: readonly ClientIdentity[], also: readonly Also[]): Promise<void> {
    const startedAt = performance.now();
    let written: ReadonlyMap<string, WrittenIdentity>;
    try {
      written = await writeIdentities(
        this.#deps.intake.pool,
        batch,
        also.map(({ store }) => store),
      );
    } catch (error) {
      const [first] = batch;
      if (isTransientFailure(error) || first === undefined) {
        this.#putBack(batch, also);
        throw error;
      }
      if (batch.length > 1) return this.#writeHalves(batch, also);
      this.#also.push(...also);
      return this.#refuse(first, error);
    }
    this.#seconds.observe({}, (performance.now() - startedAt) / 1000);
    for (const { committed } of also) committed();
    for (const identity of batch) this.#settle(identity, written.get(identity.clientUuid));
    this.#tellWaiting();
  }

  async #writeHalves(batch: readonly ClientIdentity[], also: readonly Also[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    const rest = batch.slice(middle);
    try {
      await this.#write(batch.slice(0, middle), also);
    } catch (error) {
      this.#putBack(rest, []);
      throw error;
    }
    return this.#write(rest, []);
  }

  #putBack(batch: readonly ClientIdentity[], also: readonly Also[]): void {
    for (const identity of batch) this.#queue.restore(identity);
    this.#also.unshift(...also);
  }

  #settle(identity: ClientIdentity, written: WrittenIdentity | undefined): void {
    const { logger } = this.#deps.intake;
    const { clientUuid } = identity;
    if (written === undefined || !written.isKnown) this.#reject(identity, UNKNOWN_CLIENT);
    else if (written.isLocked) this.#retryLater(identity);
    else {
      if (written.isNew) logger.info('client discovered', { client_uuid: clientUuid });
      if (written.hasRebooted) logger.info('client rebooted', { client_uuid: clientUuid, command_id: null });
      if (identity.bootId !== undefined && !written.mayProveReboot)
        this.#deps.intake.boots.add(clientUuid, identity.bootId);
      if (written.mayProveReboot || written.mayProveShutdown) this.#prove(identity, written);
      else this.#acknowledge(identity);
    }
  }

  #prove(identity: ClientIdentity, { bootId, mayProveReboot, mayProveShutdown }: WrittenIdentity): void {
    const { intake } = this.#deps;
    const { clientUuid } = identity;
    this.#later(identity, async () => {
      if (mayProveReboot) await noteBoot(intake, clientUuid, identity.bootId, bootId);
      if (mayProveShutdown) await observeOffline(intake.pool, { clientUuid });
    });
  }

  #refuse(identity: ClientIdentity, error: unknown): void {
    this.#deps.intake.logger.error('message is not storable', {
      topic: identity.messages[0]?.topic,
      error,
    });
    const detail = error instanceof Error ? error.message.slice(0, 500) : 'unknown error';
    this.#reject(identity, { reason: 'not_storable', detail });
  }

  /** Recorded before the broker may forget it. */
  #reject(identity: ClientIdentity, rejection: Rejection): void {
    const { clientUuid, messages } = identity;
    this.#later(identity, async () => {
      for (const { topic, payload } of messages)
        await this.#deps.intake.rejections.record({ topic, payload, clientUuid, ...rejection });
    });
  }

  /** Work of one client after its batch; only then is it acknowledged, and more of the client written. */
  #later(identity: ClientIdentity, run: () => Promise<void>): void {
    const finish = () => {
      this.#acknowledge(identity);
      this.#tellWaiting();
      this.#flushSoon();
    };
    void this.#afterwards.push(identity.clientUuid, {
      run: async () => {
        await run();
        finish();
      },
      giveUp: async (error) => {
        this.#deps.intake.logger.error('message is not storable', {
          client_uuid: identity.clientUuid,
          error,
        });
        finish();
      },
      bytes: identityBytes(identity),
    });
  }

  #retryLater(identity: ClientIdentity): void {
    const timer = setTimeout(() => {
      this.#lockedTimers.delete(timer);
      this.#queue.restore(identity);
      this.#flushSoon();
    }, LOCKED_RETRY_MS);
    this.#lockedTimers.add(timer);
  }

  #acknowledge(identity: ClientIdentity): void {
    for (const message of identity.messages) message.acknowledge();
    this.#queue.done(identity);
  }

  #tellWaiting(): void {
    if (this.#hasRoom) for (const resolve of this.#waitingForRoom.splice(0)) resolve();
    if (this.#isIdle) for (const resolve of this.#waitingForEnd.splice(0)) resolve();
  }
}
