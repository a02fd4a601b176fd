import type { ReactNode } from 'react';
import type { Screen } from '../api/api-types.ts';
import { ScreenStatus } from '../status/status-badge.tsx';
import type { TextKey } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import type { SortKey } from './screen-filters.ts';
import { ScreenLink } from './screen-name.tsx';
import type { ColumnId } from './shown-columns.ts';

export interface Column {
  readonly id: ColumnId;
  readonly title: TextKey;
  readonly width: string;
  readonly sort: SortKey | null;
  readonly cell: (screen: Screen) => ReactNode;
}

const orDash = (value: string | number | null) =>
  value === null || value === '' ? <span className="quiet">–</span> : value;

export const COLUMNS: readonly Column[] = [
  {
    id: 'status',
    title: 'screens.status',
    width: '11rem',
    sort: 'status',
    cell: ({ status }) => <ScreenStatus status={status} />,
  },
  {
    id: 'since',
    title: 'screens.since',
    width: '9rem',
    sort: null,
    cell: ({ status_since }) => <TimeAgo at={status_since} />,
  },
  {
    id: 'name',
    title: 'screens.name',
    width: 'minmax(10rem, 2fr)',
    sort: 'hostname',
    cell: ({ uuid, hostname }) => <ScreenLink uuid={uuid} hostname={hostname} />,
  },
  {
    id: 'group',
    title: 'screens.group',
    width: 'minmax(6rem, 1fr)',
    sort: 'group',
    cell: ({ group }) => orDash(group),
  },
  { id: 'address', title: 'screens.address', width: '9rem', sort: null, cell: ({ ip }) => orDash(ip) },
  {
    id: 'version',
    title: 'screens.version',
    width: '7.5rem',
    sort: 'app_version',
    cell: ({ app_version }) => orDash(app_version),
  },
  {
    id: 'heartbeat',
    title: 'screens.heartbeat',
    width: '11rem',
    sort: 'last_alive',
    cell: ({ last_alive }) => <TimeAgo at={last_alive} />,
  },
  {
    id: 'reconnects',
    title: 'screens.reconnects',
    width: '10rem',
    sort: 'mqtt_reconnect_count',
    cell: ({ mqtt_reconnect_count }) => orDash(mqtt_reconnect_count),
  },
];
