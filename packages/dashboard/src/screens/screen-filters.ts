import { CLIENT_STATUSES, type ClientStatus } from '@infoscreen/shared-types';

export const SORT_KEYS = [
  'hostname',
  'status',
  'group',
  'app_version',
  'last_alive',
  'mqtt_reconnect_count',
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What the list shows, as the address of the page holds it. */
export interface ScreenFilters {
  readonly text: string;
  readonly status: ClientStatus | '';
  readonly group: string;
  readonly sort: SortKey;
  readonly isDescending: boolean;
}

/** Reads an address that people may have typed: what isn't known is left out. Pure. */
export function filtersOf(parameters: URLSearchParams): ScreenFilters {
  const sort = parameters.get('sort') ?? '';
  const key = SORT_KEYS.find((name) => name === sort.replace(/^-/, ''));
  const status = CLIENT_STATUSES.find((name) => name === parameters.get('status'));
  return {
    text: (parameters.get('text') ?? '').slice(0, 100),
    status: status ?? '',
    group: (parameters.get('group') ?? '').slice(0, 100),
    sort: key ?? 'hostname',
    isDescending: key !== undefined && sort.startsWith('-'),
  };
}

/** The parameters of the address, which are also those of the API; defaults are left out. Pure. */
export function parametersOf({
  text,
  status,
  group,
  sort,
  isDescending,
}: ScreenFilters): Record<string, string> {
  const order = `${isDescending ? '-' : ''}${sort}`;
  return Object.fromEntries(
    Object.entries({ text, status, group, sort: order === 'hostname' ? '' : order }).filter(
      ([, value]) => value !== '',
    ),
  );
}

/** A click on a column's head: by it, then the other way round. Pure. */
export function sortedBy(filters: ScreenFilters, key: SortKey): ScreenFilters {
  return { ...filters, sort: key, isDescending: filters.sort === key && !filters.isDescending };
}

export function isFiltered({ text, status, group }: ScreenFilters): boolean {
  return text !== '' || status !== '' || group !== '';
}
