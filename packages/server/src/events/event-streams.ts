import type { Queryable } from '@infoscreen/prisma';
import type { Metrics } from '@infoscreen/service-kit';
import { ProblemError } from '../http/problem-error.ts';
import type { StreamInput } from '../http/stream-route.ts';
import type { ChangeFeed } from './change-feed.ts';
import { createEventStream, type EventStream, STREAM_LIMITS } from './event-stream.ts';
import { readChanges } from './read-changes.ts';
import { parsePosition, type StreamPosition } from './stream-position.ts';

export const OPEN_STREAMS = { perUser: 10, inAll: 500 } as const;

export interface EventStreams {
  /**
   * Opens a stream that goes on after `lastEventId`, or begins now. Nothing is written before it is started.
   * @throws ProblemError `too_many_streams`, or `unavailable` while the server stops
   */
  open(input: OpenInput): Promise<() => void>;
  /** Ends all streams; their readers come back to another replica. No new ones are opened. */
  endAll(): void;
}

export type OpenInput = Pick<StreamInput<unknown>, 'user' | 'res' | 'isStillAllowed'> & {
  readonly lastEventId: string | undefined;
};

export interface EventStreamsDeps {
  readonly feed: Pick<ChangeFeed, 'subscribe'>;
  readonly pool: Queryable;
  readonly metrics: Metrics;
}

/** The streams of this process: who may have one, where each begins, and its end. */
export function createEventStreams({ feed, pool, metrics }: EventStreamsDeps): EventStreams {
  const open = new Map<EventStream, { readonly userId: string; unsubscribe: () => void }>();
  let isStopping = false;
  metrics.gauge('infoscreen_event_streams', 'Event streams that are open.', [], (gauge) =>
    gauge.set(open.size),
  );
  const ended = metrics.counter('infoscreen_event_streams_ended_total', 'Event streams that ended.', [
    'reason',
  ]);

  const refuseTooMany = (userId: string) => {
    if (isStopping)
      throw new ProblemError('unavailable', { detail: 'This server stops.', retryAfterSeconds: 1 });
    const own = [...open.values()].filter((place) => place.userId === userId).length;
    if (own >= OPEN_STREAMS.perUser || open.size >= OPEN_STREAMS.inAll)
      throw new ProblemError('too_many_streams', { retryAfterSeconds: 10 });
  };
  /** It has its place before the first wait, so that requests at the same moment can't share the last one. */
  const takePlace = ({ user, res, isStillAllowed }: OpenInput): EventStream => {
    refuseTooMany(user.id);
    const stream = createEventStream({
      outlet: res,
      isStillAllowed,
      now: () => performance.now(),
      onEnd: (reason) => {
        clearInterval(beat);
        open.get(stream)?.unsubscribe();
        open.delete(stream);
        ended.inc({ reason });
      },
    });
    const beat = setInterval(() => void stream.check(), STREAM_LIMITS.checkMs);
    open.set(stream, { userId: user.id, unsubscribe: () => {} });
    res.on('error', () => stream.end('left'));
    res.on('close', () => stream.end('left'));
    return stream;
  };
  const subscribe = async (stream: EventStream): Promise<StreamPosition> => {
    const { position, unsubscribe } = await feed.subscribe(stream);
    const place = open.get(stream);
    // It may have ended meanwhile.
    if (place === undefined) unsubscribe();
    else place.unsubscribe = unsubscribe;
    return position;
  };
  return {
    open: async (input) => {
      const stream = takePlace(input);
      try {
        const position = await subscribe(stream);
        const from =
          input.lastEventId === undefined
            ? position
            : await goOn(pool, { stream, position, id: input.lastEventId });
        return () => stream.start(from);
      } catch (error) {
        stream.end('left');
        throw error;
      }
    },
    endAll: () => {
      isStopping = true;
      for (const stream of open.keys()) stream.end('stopping');
    },
  };
}

/**
 * Tells what changed between the event with this id and now; what changes from now on is told by the feed already.
 * @returns where a reader stands who gets nothing of it
 */
async function goOn(
  pool: Queryable,
  { stream, position, id }: { stream: EventStream; position: StreamPosition; id: string },
): Promise<StreamPosition> {
  const after = parsePosition(id);
  const read = after === null ? ({ outcome: 'reset', position } as const) : await readChanges(pool, after);
  if (after === null || read.outcome === 'reset') {
    stream.reset(read.position);
    return position;
  }
  stream.tell(read.changes, read.position);
  // Whether something of the system changed meanwhile isn't kept anywhere.
  stream.tellSystem();
  return after;
}
