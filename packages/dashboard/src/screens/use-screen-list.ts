import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Screen, ScreenPage } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { refreshInterval } from '../api/query-client.ts';
import { noteOld } from '../live/staleness.ts';
import { onScreenEvent } from '../live/use-live.ts';
import { mergePage } from './merge-page.ts';
import { parametersOf, type ScreenFilters } from './screen-filters.ts';

export const SCREENS_PER_PAGE = 200;
/** Events that come together are one question. */
const GATHER_MS = 700;
/** Last heartbeats move on without an event. */
const HEARTBEAT_REFRESH_MS = 15_000;
const MAX_SINGLE_READS = 10;

type Pages = InfiniteData<ScreenPage, string | null>;

function readPage(filters: ScreenFilters, cursor: string | null, signal?: AbortSignal): Promise<ScreenPage> {
  const query = { ...parametersOf(filters), limit: SCREENS_PER_PAGE, cursor };
  return callApi<ScreenPage>('/api/clients', { query, signal });
}

/**
 * All screens that the filters let through, page by page as far as one has scrolled. What changes is patched into the rows
 * that are on view; their order stays until the viewer asks for the new one (`isMoved`, `reload`).
 */
export function useScreenList(filters: ScreenFilters) {
  const queryClient = useQueryClient();
  const [isMoved, setMoved] = useState(false);
  const queryKey = useMemo(() => ['screens', parametersOf(filters)], [filters]);
  const list = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => readPage(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    refetchInterval: false,
    refetchOnWindowFocus: false,
    refetchOnMount: 'always',
  });
  const screens = useMemo(() => list.data?.pages.flatMap(({ items }) => items) ?? [], [list.data]);
  const visible = useRef({ first: 0, last: 0 });

  const refresh = useCallback(async () => {
    const pages = queryClient.getQueryData<Pages>(queryKey);
    if (pages === undefined) return;
    for (const index of pagesOnView(pages, visible.current)) {
      const fresh = await readPage(filters, pages.pageParams[index] ?? null);
      const merged = mergePage(pages.pages[index]?.items ?? [], fresh.items);
      const singles = await Promise.all(merged.missing.slice(0, MAX_SINGLE_READS).map(readScreen));
      patchRows(queryClient.setQueryData.bind(queryClient), queryKey, [
        ...fresh.items,
        ...singles.filter((screen) => screen !== null),
      ]);
      if (merged.isMoved) setMoved(true);
    }
  }, [queryClient, queryKey, filters]);

  useEffect(() => {
    setMoved(false);
    let isShown = true;
    const note = (since: number | null) => isShown && noteOld('screens', since);
    const end = refreshWhenNeeded(async () => {
      const renewedAt = queryClient.getQueryState(queryKey)?.dataUpdatedAt ?? Date.now();
      await refresh().then(
        () => note(null),
        () => note(renewedAt),
      );
    });
    return () => {
      end();
      note(null);
      isShown = false;
    };
  }, [refresh, queryClient, queryKey]);

  const reload = useCallback(async () => {
    setMoved(false);
    await queryClient.resetQueries({ queryKey });
  }, [queryClient, queryKey]);
  const setVisible = useCallback((first: number, last: number) => {
    visible.current = { first, last };
  }, []);
  return { list, screens, isMoved, reload, setVisible };
}

/** Which of the loaded pages have rows on view. */
function pagesOnView({ pages }: Pages, { first, last }: { first: number; last: number }): number[] {
  let start = 0;
  return pages.flatMap(({ items }, index) => {
    const end = start + items.length;
    const isOnView = start <= last && end > first;
    start = end;
    return isOnView ? [index] : [];
  });
}

async function readScreen(uuid: string): Promise<Screen | null> {
  try {
    return await callApi<Screen>(`/api/clients/${uuid}`);
  } catch {
    return null;
  }
}

type SetData = (key: readonly unknown[], update: (pages: Pages | undefined) => Pages | undefined) => unknown;

function patchRows(setData: SetData, queryKey: readonly unknown[], rows: readonly Screen[]): void {
  setData(queryKey, (pages) =>
    pages === undefined
      ? pages
      : {
          ...pages,
          pages: pages.pages.map((page) => ({ ...page, items: mergePage<Screen>(page.items, rows).items })),
        },
  );
}

/** Soon after an event about any screen, and every while; not twice at a time, and not for a page that nobody sees. */
function refreshWhenNeeded(refresh: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRunning = false;
  let isWanted = false;
  const run = async () => {
    timer = undefined;
    if (document.hidden) return;
    if (isRunning) {
      isWanted = true;
      return;
    }
    isRunning = true;
    // What failed is asked for again with the next event or at the next interval; the page says that it is stale.
    await refresh();
    isRunning = false;
    if (isWanted) {
      isWanted = false;
      soon();
    }
  };
  const soon = () => {
    timer ??= setTimeout(() => void run(), GATHER_MS);
  };
  const interval = setInterval(() => void run(), Math.min(HEARTBEAT_REFRESH_MS, refreshInterval()));
  const ignore = onScreenEvent(soon);
  document.addEventListener('visibilitychange', soon);
  return () => {
    clearTimeout(timer);
    clearInterval(interval);
    document.removeEventListener('visibilitychange', soon);
    ignore();
  };
}
