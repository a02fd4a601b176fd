import type { Queryable } from '@infoscreen/prisma';
import type { LaneLease } from './lane-leases.ts';
import { type LanePart, partsOf } from './lane-parts.ts';

/**
 * When each durable session of a lane last proved that it flows into the database. `acks_stored_at` is the time of the one that is
 * longest ago, and unset until each has proved it under this lease: a lane of which one part stands still shows it.
 */
export class LaneProof {
  readonly #lease: LaneLease;
  readonly #instance: string;
  readonly #provenAtMs = new Map<LanePart, number>();

  constructor(lease: LaneLease, instance: string) {
    this.#lease = lease;
    this.#instance = instance;
  }

  /** Stores that `part` flows now; `proven` is to be called when that is committed. */
  async store(db: Queryable, part: LanePart): Promise<void> {
    const now = performance.now();
    const others = partsOf(this.#lease).filter((other) => other !== part);
    const times = others.map((other) => this.#provenAtMs.get(other) ?? Number.NEGATIVE_INFINITY);
    const oldest = Math.min(now, ...times);
    if (oldest === Number.NEGATIVE_INFINITY) return;
    const { laneCount, lane, epoch } = this.#lease;
    await db.query(
      `UPDATE listener_lanes SET acks_stored_at = clock_timestamp() - make_interval(secs => $5)
       WHERE lane_count = $1 AND lane = $2 AND epoch = $3 AND holder = $4`,
      [laneCount, lane, epoch, this.#instance, (now - oldest) / 1000],
    );
  }

  proven(part: LanePart): void {
    this.#provenAtMs.set(part, performance.now());
  }
}
