import type { BurstKind } from './burst.ts';
import { bootOf } from './client-uuids.ts';
import { addressAfter } from './comeback.ts';

/** As the reference agent sends it. `uptime_s` of a health report is its round, by which one sees that it is stored. */
export function burstPayload(kind: BurstKind, clientUuid: string, round: number, comeback = 0): string {
  const bootId = bootOf(clientUuid, comeback);
  const timestamp = new Date().toISOString();
  switch (kind) {
    case 'discovery':
      return JSON.stringify({
        uuid: clientUuid,
        hostname: `screen-${clientUuid.slice(-6)}`,
        ip: addressAfter(comeback),
        model: 'signage-player',
        os_version: '12.5',
        app_version: '3.1.0',
        boot_id: bootId,
      });
    case 'heartbeat':
      return JSON.stringify({
        timestamp,
        boot_id: bootId,
        process_status: 'running',
        recent_results: [],
      });
    case 'health':
      return JSON.stringify({
        timestamp,
        process_status: 'running',
        process_name: 'player',
        process_pid: 4711,
        app_version: '3.1.0',
        boot_id: bootId,
        uptime_s: round,
        metrics: { cpu_percent: 12.5, memory_percent: 43.1, disk_percent: 61, temperature_c: 48.5 },
        broker_connection: {
          connected: true,
          reconnect_count: 2,
          last_disconnect_at: '2026-01-01T00:00:00.000Z',
        },
        failed_units: [],
      });
    default:
      return kind satisfies never;
  }
}
