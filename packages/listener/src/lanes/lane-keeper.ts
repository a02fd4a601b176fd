import {
  createLoop,
  type Logger,
  type LoopStatus,
  type Metrics,
  settledWithin,
} from '@infoscreen/service-kit';
import { fairShare } from './fair-share.ts';
import { type LaneLease, type LaneLeases, LEASE_MS } from './lane-leases.ts';

const RENEW_INTERVAL_MS = 2000;
/** The connection ends this long before the lease could be another's. */
const LEASE_MARGIN_MS = 500;
/** Lanes of an earlier set that one replica empties at a time. */
const MAX_RETIRED = 8;
/** A renewal that the database doesn't answer doesn't keep the lanes from being given up. */
const BALANCE_STOP_MS = 1000;

/** What runs while a lane is held. */
export interface LaneStream {
  /** Ends after what is being stored. */
  stop(): Promise<void>;
  /** Ends at once: from the call on, nothing is acknowledged. */
  cut(): void;
}

export interface LaneKeeperDeps {
  readonly leases: LaneLeases;
  readonly instance: string;
  readonly laneCount: number;
  readonly openStream: (lease: LaneLease) => LaneStream;
  /** Empties a lane of an earlier set. `onEmptied`: its session is gone. */
  readonly emptyRetired: (lease: LaneLease, onEmptied: () => void) => LaneStream;
  /** Leases were lost, not given up: the database was away, or this process stood still. */
  readonly onLost: () => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface HeldLane {
  readonly lease: LaneLease;
  readonly stream: LaneStream;
}

/**
 * Holds this replica's fair share of the lanes, and for each a stream. A lane has one holder at a time: a lease is renewed
 * well before it lapses, and when it can't be, the stream ends before another replica may take the lane.
 */
export class LaneKeeper {
  readonly #deps: LaneKeeperDeps;
  readonly #held = new Map<string, HeldLane>();
  readonly #releasing = new Set<Promise<void>>();
  readonly #loop;
  #expiry: NodeJS.Timeout | undefined;
  #isPrepared = false;
  #isStopped = false;

  constructor(deps: LaneKeeperDeps) {
    this.#deps = deps;
    this.#loop = createLoop({
      name: 'lanes',
      intervalMs: RENEW_INTERVAL_MS,
      runOnce: () => this.#balance(),
      logger: deps.logger,
      metrics: deps.metrics,
    });
  }

  /** Lanes of the present set that are held now, with the epoch of each. */
  get leases(): readonly LaneLease[] {
    return this.#all.filter(({ laneCount }) => laneCount === this.#deps.laneCount);
  }

  /** Lanes of earlier sets that are being emptied. */
  get retiredLeases(): readonly LaneLease[] {
    return this.#all.filter(({ laneCount }) => laneCount !== this.#deps.laneCount);
  }

  get #all(): readonly LaneLease[] {
    return [...this.#held.values()].map(({ lease }) => lease);
  }

  status(): LoopStatus {
    return this.#loop.status();
  }

  start(): void {
    this.#isStopped = false;
    this.#loop.start();
  }

  /** Gives all lanes up, so that others can take them at once. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await settledWithin(BALANCE_STOP_MS, this.#loop.stop());
    for (const lease of this.#all) this.#giveUp(lease);
    await Promise.all(this.#releasing);
    clearTimeout(this.#expiry);
  }

  async #balance(): Promise<void> {
    const { leases, instance, laneCount } = this.#deps;
    if (!this.#isPrepared) await leases.prepare();
    this.#isPrepared = true;
    await this.#renew();

    const share = fairShare(await leases.liveInstances(), instance, laneCount);
    for (const lease of this.leases.slice(share)) this.#giveUp(lease);
    const askedAt = performance.now();
    const missing = share - this.leases.length;
    if (missing > 0) for (const lease of await leases.claim(missing)) this.#open(lease);
    const free = MAX_RETIRED - this.retiredLeases.length;
    for (const lease of await leases.claimRetired(free)) this.#openRetired(lease);
    if (this.#expiry === undefined && this.#held.size > 0) this.#setExpiry(askedAt);
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    const kept = await this.#deps.leases.renew(this.#all);
    const lost = this.#all.filter(
      (held) => !kept.some((lease) => keyOf(lease) === keyOf(held) && lease.epoch === held.epoch),
    );
    if (lost.length > 0) this.#lose(lost);
    if (this.#held.size > 0) this.#setExpiry(askedAt);
  }

  #open(lease: LaneLease): void {
    // Claimed by a run that outlasted the stop; it lapses by itself.
    if (this.#isStopped) return;
    this.#held.set(keyOf(lease), { lease, stream: this.#deps.openStream(lease) });
    this.#deps.logger.info('lane taken', { lane: lease.lane, epoch: lease.epoch });
  }

  #openRetired(lease: LaneLease): void {
    if (this.#isStopped) return;
    const { leases, logger, emptyRetired } = this.#deps;
    const { lane, laneCount } = lease;
    const remove = async () => {
      this.#held.delete(keyOf(lease));
      await leases.remove(lease);
      logger.info('retired lane emptied', { lane, lane_count: laneCount });
    };
    const stream = emptyRetired(lease, () => this.#track(remove(), lease));
    this.#held.set(keyOf(lease), { lease, stream });
    logger.info('retired lane taken', { lane, lane_count: laneCount, epoch: lease.epoch });
  }

  #giveUp(lease: LaneLease): void {
    const held = this.#held.get(keyOf(lease));
    if (held === undefined) return;
    this.#held.delete(keyOf(lease));
    const { leases, logger } = this.#deps;
    const release = async () => {
      await held.stream.stop();
      await leases.release(held.lease);
      logger.info('lane given up', { lane: lease.lane });
    };
    this.#track(release(), lease);
  }

  /** The stop waits for it. Where it fails, the lease lapses by itself. */
  #track(work: Promise<void>, { lane }: LaneLease): void {
    const releasing = work
      .catch((error: unknown) => this.#deps.logger.warn('lane was not released', { lane, error }))
      .finally(() => this.#releasing.delete(releasing));
    this.#releasing.add(releasing);
  }

  #lose(lost: readonly LaneLease[]): void {
    for (const lease of lost) {
      this.#held.get(keyOf(lease))?.stream.cut();
      this.#held.delete(keyOf(lease));
    }
    this.#deps.logger.warn('lanes lost', { lanes: lost.map(({ lane }) => lane) });
    this.#deps.onLost();
  }

  /** Counted from before the database was asked: our end of the lease is never later than the database's. */
  #setExpiry(askedAt: number): void {
    clearTimeout(this.#expiry);
    const delayMs = Math.max(0, askedAt + LEASE_MS - LEASE_MARGIN_MS - performance.now());
    this.#expiry = setTimeout(() => {
      this.#expiry = undefined;
      if (this.#held.size > 0) this.#lose(this.#all);
    }, delayMs);
  }
}

function keyOf({ laneCount, lane }: LaneLease): string {
  return `${laneCount}/${lane}`;
}
