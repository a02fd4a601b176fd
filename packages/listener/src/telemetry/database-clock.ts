import type { Queryable } from '@infoscreen/prisma';

interface Reading {
  /** What the database's clock is ahead of ours at the least, in ms. */
  readonly aheadMs: number;
  readonly atMs: number;
}

/** Clocks drift by less than a millisecond in this time, and a step of one of them is forgotten after it. */
const REMEMBERED_MS = 30_000;
const READ_AGAIN_MS = 1000;

/**
 * When it was by the database's clock, for moments of this process. One look at the other clock is off by as long as the
 * answer was under way, and by another time each time, so that of two messages the later one could seem the earlier. What
 * the fastest answer of a while said is off by the same for both.
 */
export class DatabaseClock {
  #readings: Reading[] = [];

  #readAt = Number.NEGATIVE_INFINITY;

  /** Reads the other clock, where the last look is a while ago. */
  async refresh(db: Queryable): Promise<void> {
    if (Math.abs(Date.now() - this.#readAt) < READ_AGAIN_MS) return;
    const { rows } = await db.query<{ ms: number }>({
      name: 'database_clock',
      text: 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
    });
    this.#readAt = Date.now();
    if (rows[0] !== undefined) this.learn(rows[0].ms, this.#readAt);
  }

  /** @param databaseMs the database's clock, read at some time before `receivedAtMs`; both milliseconds since the epoch */
  learn(databaseMs: number, receivedAtMs: number): void {
    const aheadMs = databaseMs - receivedAtMs;
    const isCurrent = (reading: Reading) => receivedAtMs - reading.atMs < REMEMBERED_MS;
    // Only what may be the best of some later while is kept: a handful.
    this.#readings = this.#readings.filter((reading) => isCurrent(reading) && reading.aheadMs > aheadMs);
    this.#readings.push({ aheadMs, atMs: receivedAtMs });
  }

  /** @param ourMs a moment of this process, milliseconds since the epoch. @throws before anything was learnt */
  timeOf(ourMs: number): Date {
    const [best] = this.#readings;
    if (best === undefined) throw new Error('the clock of the database was not read yet');
    return new Date(ourMs + best.aheadMs);
  }
}
