import type { Queryable } from '@infoscreen/prisma';
import type { CounterMetric, Metrics } from '@infoscreen/service-kit';
import { parseInboundTopic, type RejectionReason } from '@infoscreen/shared-types';
import { insertRejectedRows, type RejectedRow, rejectedRow } from './rejected-rows.ts';

const MAX_BATCH = 500;
/** Rows that wait for the database; what `recordOrCount` is given beyond them is counted only. */
const MAX_WAITING = 10_000;
const WINDOW_MS = 60_000;

export interface Rejection {
  readonly reason: RejectionReason;
  readonly detail: string;
}

export interface RejectedMessage extends Rejection {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientUuid: string | undefined;
}

interface WaitingRow {
  readonly row: RejectedRow;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Keeps what was refused, for people to look at: a count of all, and rows of as many as is sensible. */
export class RejectionBook {
  readonly #db: Queryable;
  readonly #rowsPerMinute: number;
  readonly #refused: CounterMetric;
  readonly #notStored: CounterMetric;
  readonly #waiting: WaitingRow[] = [];
  #writing: Promise<void> | undefined;
  #rowsBySource = new Map<string, number>();
  #windowStartedAt = 0;

  /** @param rowsPerMinute per source; more are counted only */
  constructor(db: Queryable, metrics: Metrics, rowsPerMinute: number) {
    this.#db = db;
    this.#rowsPerMinute = rowsPerMinute;
    this.#refused = metrics.counter('infoscreen_rejected_messages_total', 'Messages that were refused.', [
      'reason',
    ]);
    this.#notStored = metrics.counter(
      'infoscreen_rejected_messages_not_stored_total',
      'Refused messages that are counted, but of which no row is kept.',
      ['reason'],
    );
  }

  /** Rows that wait to be written. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when the row is committed, or when none is to be kept. Rows that come while others are being written go together.
   * @throws when the row could not be stored; then it counts as not recorded, and may be recorded again
   */
  async record(message: RejectedMessage): Promise<void> {
    if (!this.#takesRow(sourceOf(message.topic))) {
      this.countOnly(message.reason);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ row: rejectedRow(message), resolve, reject });
      this.#writing ??= this.#writeAll();
    });
    this.#refused.inc({ reason: message.reason });
  }

  /**
   * For what isn't worth a second try: resolves when the row is committed, or when the message is counted without one. Never
   * throws. @param onFailure told why the row could not be stored
   */
  async recordOrCount(message: RejectedMessage, onFailure?: (error: unknown) => void): Promise<void> {
    if (this.waiting >= MAX_WAITING) {
      this.countOnly(message.reason);
      return;
    }
    try {
      await this.record(message);
    } catch (error) {
      onFailure?.(error);
      this.countOnly(message.reason);
    }
  }

  /** Whether a row would be kept of another message of the topic's sender. */
  hasRowFor(topic: string): boolean {
    return (
      performance.now() - this.#windowStartedAt > WINDOW_MS ||
      (this.#rowsBySource.get(sourceOf(topic)) ?? 0) < this.#rowsPerMinute
    );
  }

  /** Resolves when no row waits. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Counts a message of which no row can be kept. */
  countOnly(reason: RejectionReason): void {
    this.#notStored.inc({ reason });
    this.#refused.inc({ reason });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        await insertRejectedRows(
          this.#db,
          batch.map(({ row }) => row),
        );
        for (const { resolve } of batch) resolve();
      } catch (error) {
        // Whoever recorded it decides whether to try again.
        for (const { reject } of batch) reject(error);
      }
    }
    // In one turn with the look that found nothing: what is recorded from here on starts a write of its own.
    this.#writing = undefined;
  }

  #takesRow(source: string): boolean {
    const now = performance.now();
    if (now - this.#windowStartedAt > WINDOW_MS) {
      this.#windowStartedAt = now;
      this.#rowsBySource = new Map();
    }
    const rows = this.#rowsBySource.get(source) ?? 0;
    if (rows >= this.#rowsPerMinute) return false;
    this.#rowsBySource.set(source, rows + 1);
    return true;
  }
}

/** Who sent it, as far as the broker vouches for it: a client named only in the payload may be anybody's word. */
function sourceOf(topic: string): string {
  const parsed = parseInboundTopic(topic);
  return parsed !== undefined && 'clientUuid' in parsed ? parsed.clientUuid : '';
}
