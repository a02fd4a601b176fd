import type { LoopStatus } from '@infoscreen/service-kit';
import type { SystemDeps } from '../monitoring/system.ts';
import { type ChangeFeedDeps, createChangeFeed } from './change-feed.ts';
import { type ConnectListener, createChangeListener } from './change-listener.ts';
import { createEventStreams, type EventStreams } from './event-streams.ts';
import { createStatusWatch, type StatusWatchDeps } from './status-watch.ts';
import { systemDigest } from './system-digest.ts';

export interface Events {
  readonly streams: EventStreams;
  start(): void;
  /** Ends the streams first, so that nothing waits for them. */
  stop(): Promise<void>;
  statuses(): readonly LoopStatus[];
}

export type EventsDeps = Omit<ChangeFeedDeps, 'systemDigest'> &
  Omit<StatusWatchDeps, 'isWatched'> &
  SystemDeps & { readonly connectListener: ConnectListener };

/** Live events of this process: one connection that is woken, one reader of changes, the watch over statuses, and the streams. */
export function createEvents({ connectListener, ...deps }: EventsDeps): Events {
  const feed = createChangeFeed({ ...deps, systemDigest: () => systemDigest(deps) });
  const streams = createEventStreams({ ...deps, feed });
  const statusWatch = createStatusWatch({ ...deps, isWatched: feed.isWatched });
  const listener = createChangeListener({ connect: connectListener, onWake: feed.wake, logger: deps.logger });
  return {
    streams,
    start: () => {
      listener.start();
      feed.start();
      statusWatch.start();
    },
    stop: async () => {
      streams.endAll();
      await Promise.all([listener.stop(), feed.stop(), statusWatch.stop()]);
    },
    statuses: () => [feed.status(), statusWatch.status()],
  };
}
