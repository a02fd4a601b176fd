import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { onServerReturn } from '../api/server-link.ts';
import { screenOf, staleKeys } from './event-routing.ts';
import { liveState } from './live-state.ts';
import { openLive } from './open-live.ts';

/** Answers that became old are asked for together, at most this often: a storm of events is one question. */
const GATHER_MS = 400;

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
    const gathered = new Map<string, QueryKey>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const isAll = gathered.has('[]');
      const keys = [...gathered.values()];
      gathered.clear();
      // The list of screens renews what is on view by itself, and not all the pages that were ever scrolled to.
      if (isAll)
        void queryClient.invalidateQueries({ predicate: ({ queryKey: [kind] }) => kind !== 'screens' });
      else for (const queryKey of keys) void queryClient.invalidateQueries({ queryKey });
    };
    const gather = (keys: readonly QueryKey[]) => {
      for (const key of keys) gathered.set(JSON.stringify(key), key);
      timer ??= setTimeout(flush, GATHER_MS);
    };
    const tellScreens = (uuid: string | null) => {
      for (const listener of screenListeners) listener(uuid);
    };
    const everything = () => {
      gather([[]]);
      tellScreens(null);
    };
    const close = openLive({
      onEvent: (name, data) => {
        gather(staleKeys(name, data));
        if (name === 'reset') tellScreens(null);
        else if (screenOf(data) !== null) tellScreens(screenOf(data));
      },
      onGap: everything,
    });
    const ignoreReturn = onServerReturn(everything);
    // The intervals at which answers are asked for again are those of the new state only after the next answer.
    const ignoreState = liveState.subscribe(() => liveState.get() === 'polling' && everything());
    return () => {
      clearTimeout(timer);
      ignoreReturn();
      ignoreState();
      close();
    };
  }, [queryClient]);
}
