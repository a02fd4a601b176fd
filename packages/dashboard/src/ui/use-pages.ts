import { useInfiniteQuery } from '@tanstack/react-query';
import type { Page } from '../api/api-types.ts';
import { type ApiCall, callApi } from '../api/call-api.ts';

/** A list that the API gives page by page, newest first, as far as one asked for more. */
export function usePages<Item>(
  path: string,
  key: readonly unknown[],
  query: NonNullable<ApiCall['query']> = {},
) {
  return useInfiniteQuery({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) =>
      callApi<Page<Item>>(path, { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
}
