import type { EventKind } from '@infoscreen/shared-types';
import type { FeedSubscriber } from './change-feed.ts';
import type { Change } from './read-changes.ts';
import { formatPosition, type StreamPosition } from './stream-position.ts';

export const STREAM_LIMITS = {
  /** At most four updates a second. */
  updatePauseMs: 250,
  /** How often it is asked whether the reader may still be here, and still reads. */
  checkMs: 4000,
  /** So that proxies don't take the connection for unused, and the reader's position stays fresh. */
  heartbeatMs: 15_000,
  /** A reader that hasn't taken what it was sent by then is cut. */
  slowReaderMs: 5000,
  /** What waits for a slow reader, one entry per client, command or failure; beyond that it reads everything anew. */
  pending: 1000,
} as const;

/** The part of a response that a stream uses; any writable stream has it. */
export interface StreamOutlet {
  write(text: string): unknown;
  /** Bytes that the other side hasn't taken yet. */
  readonly writableLength: number;
  end(): unknown;
  destroy(): unknown;
}

export type StreamEnd = 'not_allowed' | 'slow_reader' | 'stopping' | 'left';

export interface EventStreamOptions {
  readonly outlet: StreamOutlet;
  /** Whether the reader may still be here: session, user and role as they are now. Never rejects. */
  readonly isStillAllowed: () => Promise<boolean>;
  readonly onEnd: (end: StreamEnd) => void;
  /** In ms; never goes back. */
  readonly now: () => number;
}

export interface EventStream extends FeedSubscriber {
  /**
   * Until then what is told is only kept: what came before it may still have to be found.
   * @param from where a reader stands who has got nothing yet
   */
  readonly start: (from: StreamPosition) => void;
  /** Sends what is pending, if the reader may have it and has taken what it was sent before. */
  readonly flush: () => Promise<void>;
  /** Looks after a stream on which nothing happens. */
  readonly check: () => Promise<void>;
  readonly end: (end: StreamEnd) => void;
}

interface PendingEvent {
  readonly kind: EventKind;
  readonly data: Readonly<Record<string, string>>;
}

/**
 * One reader's stream. Changes are kept once for each client, command or failure until they are sent, and nothing is
 * written while the reader hasn't taken what was written before: so what is held for it is bounded, however slow it is.
 *
 * The id of an event says what the reader has been told when it has that event. Of events that are sent together only the
 * last has the new one: a connection that breaks in between loses nothing.
 */
export function createEventStream(options: EventStreamOptions): EventStream {
  const { outlet, isStillAllowed, onEnd, now } = options;
  const pending = new Map<string, PendingEvent>();
  /** What the reader has been told; null before the start. */
  let told: StreamPosition | null = null;
  /** What it will have been told when it has all that is pending. */
  let upTo: StreamPosition | null = null;
  let hasEnded = false;
  let flushing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let beatAt = now();
  let stuckSince: number | null = null;

  const end = (reason: StreamEnd) => {
    if (hasEnded) return;
    hasEnded = true;
    clearTimeout(timer);
    pending.clear();
    if (reason === 'slow_reader') outlet.destroy();
    else if (reason !== 'left') outlet.end();
    onEnd(reason);
  };
  const mayWrite = async () => {
    if (outlet.writableLength > 0) {
      stuckSince ??= now();
      if (now() - stuckSince >= STREAM_LIMITS.slowReaderMs) end('slow_reader');
      return false;
    }
    stuckSince = null;
    if (!(await isStillAllowed())) end('not_allowed');
    return !hasEnded;
  };
  const soon = () => {
    if (hasEnded || told === null || timer !== undefined || pending.size === 0) return;
    const pauseMs = Math.max(0, flushedAt + STREAM_LIMITS.updatePauseMs - now());
    timer = setTimeout(() => {
      timer = undefined;
      void flush();
    }, pauseMs);
  };
  const writePending = async () => {
    flushedAt = now();
    if (told === null || pending.size === 0 || !(await mayWrite()) || pending.size === 0) return;
    outlet.write(eventsText([...pending.values()], told, upTo ?? told));
    pending.clear();
    told = upTo;
    beatAt = now();
  };
  const flush = async () => {
    flushing ??= writePending().finally(() => {
      flushing = undefined;
      soon();
    });
    await flushing;
  };
  const add = (key: string, event: PendingEvent) => {
    if (hasEnded || pending.has('reset')) return;
    if (pending.size < STREAM_LIMITS.pending || pending.has(key)) pending.set(key, event);
    else becomeReset();
  };
  const becomeReset = () => {
    pending.clear();
    pending.set('reset', { kind: 'reset', data: {} });
  };
  return {
    tell: (changes, position) => {
      upTo = position;
      for (const change of changes) add(keyOf(change), eventOf(change));
      soon();
    },
    tellSystem: () => {
      add('system', { kind: 'system', data: {} });
      soon();
    },
    reset: (position) => {
      upTo = position;
      becomeReset();
      soon();
    },
    start: (from) => {
      if (hasEnded) return;
      told = from;
      upTo ??= from;
      outlet.write(`retry: ${retryMs()}\nid: ${formatPosition(from)}\n\n`);
      soon();
    },
    flush,
    check: async () => {
      if (hasEnded || told === null) return;
      if (pending.size > 0) return flush();
      if (!(await mayWrite()) || pending.size > 0) return;
      if (now() - beatAt < STREAM_LIMITS.heartbeatMs) return;
      outlet.write(`: heartbeat\nid: ${formatPosition(upTo ?? told)}\n\n`);
      told = upTo;
      beatAt = now();
    },
    end,
  };
}

/** Spread, so that the readers of a server that stopped don't all come to the next one in one moment. */
const retryMs = () => Math.round(1000 + 2000 * Math.random());

const keyOf = ({ kind, client_uuid, command_id }: Change) => `${kind} ${command_id ?? client_uuid}`;

function eventOf({ kind, client_uuid, command_id }: Change): PendingEvent {
  if (command_id === null) return { kind, data: { uuid: client_uuid } };
  return { kind, data: { commandId: command_id, clientUuid: client_uuid } };
}

function eventsText(events: readonly PendingEvent[], told: StreamPosition, upTo: StreamPosition): string {
  const idOf = (n: number) => formatPosition(n === events.length - 1 ? upTo : told);
  return events
    .map(({ kind, data }, n) => `event: ${kind}\nid: ${idOf(n)}\ndata: ${JSON.stringify(data)}\n\n`)
    .join('');
}
