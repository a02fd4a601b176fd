import { useQuery } from '@tanstack/react-query';
import type { Counts, CrashedPage, MonitoringSystemView, ServiceFailurePage } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { LIVE_INTERVAL_MS, refreshInterval } from '../api/query-client.ts';
import { type SystemTrouble, systemTroubles } from './system-troubles.ts';

export const useCounts = () =>
  useQuery({
    queryKey: ['counts'],
    queryFn: ({ signal }) => callApi<Counts>('/api/clients/counts', { signal }),
  });

export const useFailures = () =>
  useQuery({
    queryKey: ['failures'],
    queryFn: ({ signal }) =>
      callApi<ServiceFailurePage>('/api/clients/service_failed', { query: { limit: 200 }, signal }),
  });

export const useCrashed = () =>
  useQuery({
    queryKey: ['crashed'],
    queryFn: ({ signal }) => callApi<CrashedPage>('/api/clients/crashed', { query: { limit: 100 }, signal }),
  });

/** Asked for more often than the rest: a listener that stopped can't send an event of it. */
export const useSystem = () =>
  useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => callApi<MonitoringSystemView>('/api/monitoring/system', { signal }),
    refetchInterval: (query) => Math.min(LIVE_INTERVAL_MS / 4, refreshInterval(query)),
  });

/** What of the system doesn't work, as far as is known. */
export function useTroubles(): readonly SystemTrouble[] {
  const system = useSystem();
  return system.data === undefined ? [] : systemTroubles(system.data);
}
