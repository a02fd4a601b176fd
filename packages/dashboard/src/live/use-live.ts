import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onServerReturn } from '../api/server-link.ts';
import { sessionState } from '../session/session-state.ts';
import { screenOf, staleKeys } from './event-routing.ts';
import { liveState } from './live-state.ts';
import { openLive } from './open-live.ts';
import { createRenewal } from './renewal.ts';
import { watchAnswers } from './staleness.ts';

const screenListeners = new Set<(uuid: string | null) => void>();

/** Calls back for each event about a screen; with `null` when all of them may have changed. */
export function onScreenEvent(listener: (uuid: string | null) => void): () => void {
  screenListeners.add(listener);
  return () => screenListeners.delete(listener);
}

/** Keeps everything on the page fresh while it is mounted. */
export function useLive(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const renewal = createRenewal(queryClient);
    const tellScreens = (uuid: string | null) => {
      for (const listener of screenListeners) listener(uuid);
    };
    const everything = () => {
      renewal.startAnew();
      tellScreens(null);
    };
    const live = openLive({
      onEvent: (name, data) => {
        renewal.gather(staleKeys(name, data));
        if (name === 'reset') tellScreens(null);
        else if (screenOf(data) !== null) tellScreens(screenOf(data));
      },
      onGap: everything,
    });
    const ignoreReturn = onServerReturn(() => live.reopen() || everything());
    const ignoreLogin = sessionState.subscribe(() => sessionState.get().kind === 'in' && live.reopen());
    const ignoreAnswers = watchAnswers(queryClient);
    // The intervals at which answers are asked for again are those of the new state only after the next answer.
    const ignoreState = liveState.subscribe(() => liveState.get() === 'polling' && everything());
    return () => {
      renewal.stop();
      ignoreReturn();
      ignoreLogin();
      ignoreAnswers();
      ignoreState();
      live.close();
    };
  }, [queryClient]);
}
