import { createLoop, type Logger, type LoopStatus, type Metrics } from '@infoscreen/service-kit';
import { fairShare } from './fair-share.ts';
import { type LaneLease, type LaneLeases, LEASE_MS } from './lane-leases.ts';

const RENEW_INTERVAL_MS = 2000;
/** The connection ends this long before the lease could be another's. */
const LEASE_MARGIN_MS = 500;

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
  readonly #held = new Map<number, HeldLane>();
  readonly #releasing = new Set<Promise<void>>();
  readonly #loop;
  #expiry: NodeJS.Timeout | undefined;
  #isPrepared = false;

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

  /** Lanes held now, with the epoch of each. */
  get leases(): readonly LaneLease[] {
    return [...this.#held.values()].map(({ lease }) => lease);
  }

  holds(lane: number): boolean {
    return this.#held.has(lane);
  }

  status(): LoopStatus {
    return this.#loop.status();
  }

  start(): void {
    this.#loop.start();
  }

  /** Gives all lanes up, so that others can take them at once. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    for (const lane of this.#held.keys()) this.#giveUp(lane);
    await Promise.all(this.#releasing);
    clearTimeout(this.#expiry);
  }

  async #balance(): Promise<void> {
    const { leases, instance, laneCount } = this.#deps;
    if (!this.#isPrepared) await leases.prepare();
    this.#isPrepared = true;
    await this.#renew();

    const share = fairShare(await leases.liveInstances(), instance, laneCount);
    const surplus = [...this.#held.keys()].slice(share);
    for (const lane of surplus) this.#giveUp(lane);
    if (this.#held.size >= share) return;
    const askedAt = performance.now();
    for (const lease of await leases.claim(share - this.#held.size)) this.#open(lease);
    if (this.#expiry === undefined) this.#setExpiry(askedAt);
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now();
    const kept = await this.#deps.leases.renew(this.leases);
    const lost = this.leases.filter(
      ({ lane, epoch }) => !kept.some((lease) => lease.lane === lane && lease.epoch === epoch),
    );
    if (lost.length > 0) this.#lose(lost);
    if (this.#held.size > 0) this.#setExpiry(askedAt);
  }

  #open(lease: LaneLease): void {
    this.#held.set(lease.lane, { lease, stream: this.#deps.openStream(lease) });
    this.#deps.logger.info('lane taken', { lane: lease.lane, epoch: lease.epoch });
  }

  #giveUp(lane: number): void {
    const held = this.#held.get(lane);
    if (held === undefined) return;
    this.#held.delete(lane);
    const { leases, logger } = this.#deps;
    const release = async () => {
      try {
        await held.stream.stop();
        await leases.release(held.lease);
        logger.info('lane given up', { lane });
      } catch (error) {
        // It lapses by itself.
        logger.warn('lane was not released', { lane, error });
      }
    };
    const releasing = release().finally(() => this.#releasing.delete(releasing));
    this.#releasing.add(releasing);
  }

  #lose(lost: readonly LaneLease[]): void {
    for (const { lane } of lost) {
      this.#held.get(lane)?.stream.cut();
      this.#held.delete(lane);
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
      if (this.#held.size > 0) this.#lose(this.leases);
    }, delayMs);
  }
}
