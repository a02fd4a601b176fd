import type { Queryable } from '@infoscreen/prisma';
import { createLoop, type Logger, type Loop, type Metrics } from '@infoscreen/service-kit';
import { tellStatusChanges } from './tell-status-changes.ts';

/** Between two looks whether it is time, and so between two comparisons while somebody watches. */
const LOOK_MS = 3000;
/** A bit less than that, so that each look of the only replica compares. */
const WATCHED_PAUSE_SECONDS = 2;
/** While nobody watches, statuses are compared for the sake of their `since` alone. */
const CALM_PAUSE_SECONDS = 10;

export interface StatusWatchDeps {
  readonly pool: Queryable;
  readonly graceSeconds: number;
  /** Whether anybody reads the events of this process. */
  readonly isWatched: () => boolean;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Compares statuses again and again; of any number of replicas one at a time, with one pause for all of them. */
export function createStatusWatch({ pool, graceSeconds, isWatched, logger, metrics }: StatusWatchDeps): Loop {
  return createLoop({
    name: 'status_watch',
    intervalMs: LOOK_MS,
    runOnce: async () => {
      const pauseSeconds = isWatched() ? WATCHED_PAUSE_SECONDS : CALM_PAUSE_SECONDS;
      return { statuses_told: await tellStatusChanges(pool, { graceSeconds, pauseSeconds }) };
    },
    logger,
    metrics,
  });
}
