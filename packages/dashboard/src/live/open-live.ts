import { askServer, noteAnswer, noteLoss } from '../api/server-link.ts';
import { LIVE_EVENTS, type LiveEventName, parseEventData } from './event-routing.ts';
import { liveState } from './live-state.ts';

const REOPEN_MS = 20_000;
/** A hidden tab gives its connection back: a browser has but six of them for a host over HTTP/1.1. */
const HIDDEN_CLOSE_MS = 60_000;

export interface LiveListener {
  readonly onEvent: (name: LiveEventName, data: ReturnType<typeof parseEventData>) => void;
  /** Events may have been missed: everything is to be asked for again. */
  readonly onGap: () => void;
}

export interface Live {
  /** Tries again at once where there is no stream. @returns whether there was none */
  readonly reopen: () => boolean;
  readonly close: () => void;
}

/**
 * Listens to the server's events. The browser reconnects by itself and says which event it saw last; where the stream is
 * refused or missing, the page polls, and tries again later.
 */
export function openLive({ onEvent, onGap }: LiveListener): Live {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = () => {
    clearTimeout(timer);
    source = new EventSource('/api/events');
    source.addEventListener('open', () => {
      noteAnswer(null);
      liveState.set('live');
    });
    source.addEventListener('error', () => {
      liveState.set('polling');
      if (source?.readyState !== EventSource.CLOSED) {
        // A proxy ends streams now and then: that alone is no lost server.
        void askServer().then((isThere) => isThere || noteLoss());
        return;
      }
      timer = setTimeout(reopen, REOPEN_MS);
    });
    for (const name of LIVE_EVENTS) {
      source.addEventListener(name, (event: MessageEvent<string>) =>
        onEvent(name, parseEventData(event.data)),
      );
    }
  };
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const reopen = () => {
    if (source !== null && source.readyState !== EventSource.CLOSED) return false;
    onGap();
    open();
    return true;
  };
  const onVisibility = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(close, HIDDEN_CLOSE_MS);
    else reopen();
  };

  document.addEventListener('visibilitychange', onVisibility);
  open();
  return {
    reopen,
    close: () => {
      document.removeEventListener('visibilitychange', onVisibility);
      close();
    },
  };
}
