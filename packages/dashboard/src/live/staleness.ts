import type { QueryClient } from '@tanstack/react-query';
import { createStore } from '../state/store.ts';

/**
 * How old the oldest is of what is on view and could not be renewed, in milliseconds of this browser's clock; `null` while
 * everything could be. A stream that is open says nothing about that.
 */
export const staleSince = createStore<number | null>(null);

const oldViews = new Map<string, number>();

/** @param since when the view was last renewed, where it couldn't be now; `null` where it could */
export function noteOld(view: string, since: number | null): void {
  if (since === null) oldViews.delete(view);
  else oldViews.set(view, since);
  staleSince.set(oldViews.size === 0 ? null : Math.min(...oldViews.values()));
}

/** Keeps watch over all answers that are on view. @returns how to end it */
export function watchAnswers(queryClient: QueryClient): () => void {
  const cache = queryClient.getQueryCache();
  const look = () => {
    const old = cache
      .findAll({ type: 'active', predicate: ({ state }) => state.status === 'error' })
      .filter(({ state }) => state.data !== undefined);
    const times = old.map(({ state }) => state.dataUpdatedAt);
    noteOld('answers', times.length === 0 ? null : Math.min(...times));
  };
  const ignore = cache.subscribe(look);
  return () => {
    ignore();
    noteOld('answers', null);
  };
}
