import { useQuery } from '@tanstack/react-query';
import type { CommandPage, HealthHistory, ScreenDetail, ServiceFailurePage } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { hasFailed, POLLING_INTERVAL_MS, refreshInterval } from '../api/query-client.ts';

const DETAIL_INTERVAL_MS = 15_000;
const HEALTH_INTERVAL_MS = 60_000;

/** Everything about one screen has the key `['screen', uuid, …]`: one event makes all of it old. */
export const useScreen = (uuid: string) =>
  useQuery({
    queryKey: ['screen', uuid],
    queryFn: ({ signal }) => callApi<ScreenDetail>(`/api/clients/${uuid}`, { signal }),
    refetchInterval: (query) => Math.min(DETAIL_INTERVAL_MS, refreshInterval(query)),
  });

export const RANGES = { day: 24 * 3600, week: 7 * 24 * 3600 } as const;
export type Range = keyof typeof RANGES;

export const useHealth = (uuid: string, range: Range) =>
  useQuery({
    queryKey: ['health', uuid, range],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - RANGES[range] * 1000).toISOString();
      return callApi<HealthHistory>(`/api/clients/${uuid}/health`, { query: { from }, signal });
    },
    refetchInterval: (query) => (hasFailed(query) ? POLLING_INTERVAL_MS : HEALTH_INTERVAL_MS),
  });

export const useFailureHistory = (uuid: string) =>
  useQuery({
    queryKey: ['screen', uuid, 'failures'],
    queryFn: ({ signal }) =>
      callApi<ServiceFailurePage>(`/api/clients/${uuid}/service_failures`, { query: { limit: 50 }, signal }),
  });

export const useScreenCommands = (uuid: string) =>
  useQuery({
    queryKey: ['screen', uuid, 'commands'],
    queryFn: ({ signal }) =>
      callApi<CommandPage>(`/api/clients/${uuid}/commands`, { query: { limit: 50 }, signal }),
  });
