import { useQuery } from '@tanstack/react-query';
import type { Counts } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { parametersOf, type ScreenFilters } from './screen-filters.ts';

/** How many screens the filters let through; `known` where the list is whole, `null` while nobody knows. */
export function useMatchCount(filters: ScreenFilters, known: number | null): number | null {
  const { sort: _, ...query } = parametersOf(filters);
  const counts = useQuery({
    queryKey: ['counts', query],
    queryFn: ({ signal }) => callApi<Counts>('/api/clients/counts', { query, signal }),
    enabled: known === null,
  });
  return known ?? counts.data?.total ?? null;
}
