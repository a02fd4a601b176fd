import type { MonitoringSystemView } from '@infoscreen/shared-types';

/** What people must know before they read the states of the screens. */
export type SystemTrouble = 'database' | 'broker' | 'listener' | 'scheduler' | 'ingest' | 'other';

/** The troubles of the system, gravest first; none where all is well. Pure. */
export function systemTroubles(system: MonitoringSystemView): SystemTrouble[] {
  if (system.healthy) return [];
  const runs = (name: string) => system.services.some(({ service, up }) => service === name && up);
  const troubles: SystemTrouble[] = [];
  if (!system.database.up) troubles.push('database');
  if (!system.broker.up) troubles.push('broker');
  if (!runs('listener')) troubles.push('listener');
  else if (system.ingest.lanes.length === 0 || system.ingest.lanes.some(({ up }) => !up))
    troubles.push('ingest');
  if (!runs('scheduler')) troubles.push('scheduler');
  return troubles.length === 0 ? ['other'] : troubles;
}

/** Whether messages of screens don't arrive: then a silent screen says nothing about the screen. Pure. */
export function areStatesStale(troubles: readonly SystemTrouble[]): boolean {
  return (['database', 'broker', 'listener', 'ingest'] as const).some((part) => troubles.includes(part));
}
