import type { LoopStatus } from '@infoscreen/service-kit';
import type { SystemDeps } from '../monitoring/system.ts';
import { type ChangeFeedDeps, createChangeFeed } from './change-feed.ts';
import { type ConnectListener, createChangeListener } from './change-listener.ts';
import { createEventStreams, type EventStreams } from './event-streams.ts';
import { systemDigest } from './system-digest.ts';

export interface Events {
  readonly streams: EventStreams;
  start(): void;
  /** Ends the streams first, so that nothing waits for them. */
  stop(): Promise<void>;
  status(): LoopStatus;
}

export type EventsDeps = Omit<ChangeFeedDeps, 'systemDigest'> &
  SystemDeps & { readonly connectListener: ConnectListener };

/** Live events of this process: one connection that is woken, one reader of changes, and the streams. */
export function createEvents({ connectListener, ...deps }: EventsDeps): Events {
  const feed = createChangeFeed({ ...deps, systemDigest: () => systemDigest(deps) });
  const streams = createEventStreams({ ...deps, feed });
  const listener = createChangeListener({ connect: connectListener, onWake: feed.wake, logger: deps.logger });
  return {
    streams,
    start: () => {
      listener.start();
      feed.start();
    },
    stop: async () => {
      streams.endAll();
      await Promise.all([listener.stop(), feed.stop()]);
    },
    status: () => feed.status(),
  };
}
