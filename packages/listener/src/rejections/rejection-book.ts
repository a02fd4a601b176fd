import type { Queryable } from '@infoscreen/prisma';
import type { CounterMetric, Metrics } from '@infoscreen/service-kit';
import { cleanText, parseInboundTopic, type RejectionReason } from '@infoscreen/shared-types';

const MAX_TOPIC_LENGTH = 255;
const MAX_HEAD_BYTES = 1024;
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

/** Keeps what was refused, for people to look at: a count of all, and rows of as many as is sensible. */
export class RejectionBook {
  readonly #db: Queryable;
  readonly #rowsPerMinute: number;
  readonly #refused: CounterMetric;
  readonly #notStored: CounterMetric;
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

  /** @throws when the row could not be stored; then it counts as not recorded, and may be recorded again */
  async record({ topic, payload, clientUuid, reason, detail }: RejectedMessage): Promise<void> {
    if (!this.#takesRow(sourceOf(topic))) {
      this.countOnly(reason);
      return;
    }
    await this.#db.query(
      `INSERT INTO rejected_messages (received_at, topic, client_uuid, reason, detail, payload_bytes, payload_head)
       VALUES (clock_timestamp(), $1, $2, $3, $4, $5, $6)`,
      [
        cleanText(topic).slice(0, MAX_TOPIC_LENGTH),
        clientUuid ?? null,
        reason,
        cleanText(detail),
        payload.byteLength,
        Buffer.from(payload.subarray(0, MAX_HEAD_BYTES)),
      ],
    );
    this.#refused.inc({ reason });
  }

  /** Counts a message of which no row can be kept. */
  countOnly(reason: RejectionReason): void {
    this.#notStored.inc({ reason });
    this.#refused.inc({ reason });
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
