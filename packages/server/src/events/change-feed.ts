import type { Queryable } from '@infoscreen/prisma';
import { createLoop, type Logger, type LoopStatus, type Metrics } from '@infoscreen/service-kit';
import { type Change, currentPosition, readChanges } from './read-changes.ts';
import type { StreamPosition } from './stream-position.ts';

/** Without a wake-up the feed looks by itself: a notification can be lost. */
const POLL_MS = 2000;
/** Between two looks, however often it is woken. */
const SHORTEST_PAUSE_MS = 250;
/** After a wake-up it looks again so long: of changes that are committed together, one alone wakes. */
const LOOK_AGAIN_MS = 2000;
const COMPARE_SYSTEM_MS = 5000;

export interface FeedSubscriber {
  /** What changed up to `position`. */
  readonly tell: (changes: readonly Change[], position: StreamPosition) => void;
  readonly tellSystem: () => void;
  /** More changed than is told one by one. */
  readonly reset: (position: StreamPosition) => void;
}

export interface ChangeFeed {
  readonly start: () => void;
  readonly stop: () => Promise<void>;
  readonly wake: () => void;
  readonly status: () => LoopStatus;
  /** Whether there is anybody to tell. */
  readonly isWatched: () => boolean;
  /** One look; what the loop does. */
  readonly runOnce: () => Promise<void>;
  /**
   * From the position on that is returned, the subscriber is told of every change.
   * @throws when the database doesn't answer
   */
  readonly subscribe: (
    subscriber: FeedSubscriber,
  ) => Promise<{ readonly position: StreamPosition; readonly unsubscribe: () => void }>;
}

export interface ChangeFeedDeps {
  readonly pool: Queryable;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** A text that changes when something of the system does: who runs, and what is wrong. */
  readonly systemDigest: () => Promise<string>;
}

/** Reads changes once for all streams of this process, and only while there are any. */
export function createChangeFeed(deps: ChangeFeedDeps): ChangeFeed {
  const { pool, logger, metrics, systemDigest } = deps;
  const subscribers = new Set<FeedSubscriber>();
  const delay = metrics.histogram(
    'infoscreen_event_read_delay_seconds',
    'From a change until a server has read it, in seconds.',
  );
  const system = every(COMPARE_SYSTEM_MS);
  let position: StreamPosition | null = null;
  let digest: string | null = null;
  let begun: Promise<StreamPosition> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let lookUntil = 0;

  const readAndTell = async (after: StreamPosition) => {
    lookedAt = performance.now();
    const read = await readChanges(pool, after);
    position = read.position;
    if (read.outcome === 'reset') {
      for (const subscriber of subscribers) subscriber.reset(read.position);
      return;
    }
    if (read.delaySeconds !== null) delay.observe({}, read.delaySeconds);
    if (read.changes.length > 0) lookUntil = performance.now() + LOOK_AGAIN_MS;
    for (const subscriber of subscribers) subscriber.tell(read.changes, read.position);
  };
  const compareSystem = async () => {
    if (!system.isDue()) return;
    const before = digest;
    digest = await systemDigest();
    if (before !== null && before !== digest) for (const subscriber of subscribers) subscriber.tellSystem();
  };
  /** At once after a quiet while: whoever watches a step arrive waits for it. */
  const lookSoon = () => {
    const pauseMs = Math.max(0, lookedAt + SHORTEST_PAUSE_MS - performance.now());
    timer ??= setTimeout(() => {
      timer = undefined;
      loop.wake();
    }, pauseMs);
  };
  const runOnce = async () => {
    if (subscribers.size === 0 || position === null) return;
    await readAndTell(position);
    if (performance.now() < lookUntil) lookSoon();
    await compareSystem();
  };
  const loop = createLoop({ name: 'event_feed', intervalMs: POLL_MS, runOnce, logger, metrics });

  /** With nobody to tell, nothing was read: the first subscriber begins with what is true now. */
  const begin = async () => {
    digest = null;
    return currentPosition(pool);
  };
  return {
    start: () => loop.start(),
    stop: async () => {
      await loop.stop();
      // The run in flight may have set it.
      clearTimeout(timer);
    },
    wake: () => {
      lookUntil = performance.now() + LOOK_AGAIN_MS;
      if (subscribers.size > 0) lookSoon();
    },
    status: () => loop.status(),
    isWatched: () => subscribers.size > 0,
    runOnce,
    subscribe: async (subscriber) => {
      if (subscribers.size === 0) {
        begun ??= begin().finally(() => {
          begun = undefined;
        });
        const first = await begun;
        if (subscribers.size === 0) position = first;
      }
      subscribers.add(subscriber);
      if (position === null) throw new Error('the feed has no position');
      return { position, unsubscribe: () => subscribers.delete(subscriber) };
    },
  };
}

function every(intervalMs: number): { isDue(): boolean } {
  let last = performance.now();
  return {
    isDue: () => {
      if (performance.now() - last < intervalMs) return false;
      last = performance.now();
      return true;
    },
  };
}
