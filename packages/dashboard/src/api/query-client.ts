import { QueryClient } from '@tanstack/react-query';
import { isLive } from '../live/live-state.ts';
import { ApiError } from './api-error.ts';

/** While events arrive, asking again is only a safety net. */
export const LIVE_INTERVAL_MS = 60_000;
export const POLLING_INTERVAL_MS = 10_000;

interface Asked {
  readonly state: { readonly status: string };
}
/** What failed is asked for again soon, also while events arrive. */
export const hasFailed = (query: Asked | undefined) => query?.state.status === 'error';
export const refreshInterval = (query?: Asked) =>
  isLive() && !hasFailed(query) ? LIVE_INTERVAL_MS : POLLING_INTERVAL_MS;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchInterval: refreshInterval,
      refetchOnWindowFocus: true,
      // Of a browser's "online" nothing is believed: a local network without the internet is a common place for this page.
      networkMode: 'always',
      retry: (failures, error) => !(error instanceof ApiError) && failures < 1,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});
