import { existsSync, readFileSync } from 'node:fs';
import { SERVICE_NAMES } from '@infoscreen/shared-types';
import type { Fleet, MqttConnection } from '@infoscreen/test-kit';
import { scrapeMetrics } from '@infoscreen/test-kit';
import type pg from 'pg';

/** One reading of everything that must not grow; by the name of the series. */
export interface Sample {
  readonly atSeconds: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface SampleSources {
  readonly fleet: Pick<Fleet, 'of' | 'broker'>;
  readonly pool: pg.Pool;
  /** Subscribed to `$SYS`; undefined where the broker tells nothing of itself. */
  readonly brokerStatus: MqttConnection | undefined;
}

/** Series of one process: name, metric, and what one unit of the figure is. */
const OF_PROCESS = [
  ['rss_mb', 'process_resident_memory_bytes', 1e6],
  ['heap_mb', 'nodejs_heap_size_used_bytes', 1e6],
  ['open_fds', 'process_open_fds', 1],
  ['handles', 'nodejs_active_handles_total', 1],
  ['telemetry_waiting', 'infoscreen_telemetry_waiting_clients', 1],
] as const;
/** What Mosquitto tells of itself. */
const OF_BROKER = [
  ['connections', '$SYS/broker/clients/connected'],
  ['stored_messages', '$SYS/broker/store/messages/count'],
] as const;

export async function takeSample(sources: SampleSources, startedAt: number): Promise<Sample> {
  const values = { ...(await ofProcesses(sources)), ...ofBroker(sources), ...(await ofDatabase(sources)) };
  return { atSeconds: (performance.now() - startedAt) / 1000, values };
}

async function ofProcesses({ fleet }: SampleSources): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const service of SERVICE_NAMES) {
    for (const [index, { url }] of fleet.of(service).entries()) {
      const scrape = await scrapeMetrics(url);
      for (const [name, metric, unit] of OF_PROCESS) {
        if (name !== 'telemetry_waiting' || service === 'listener')
          values[`${service}-${index} ${name}`] = scrape.sum(metric) / unit;
      }
    }
  }
  return values;
}

function ofBroker({ brokerStatus, fleet }: SampleSources): Record<string, number> {
  const values: Record<string, number> = { ...brokerProcess(fleet.broker.pid) };
  for (const [name, topic] of OF_BROKER) {
    const latest = brokerStatus?.messages.findLast((message) => message.topic === topic);
    if (latest !== undefined) values[`broker ${name}`] = Number(latest.text);
  }
  return values;
}

/** Mosquitto's own figure of its heap is wrong with the accounts plugin, so its process is looked at, where that can be. */
function brokerProcess(pid: number): Record<string, number> {
  const folder = `/proc/${pid}`;
  if (!existsSync(`${folder}/status`)) return {};
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1];
  return { 'broker rss_mb': (Number(resident) * 1024) / 1e6 };
}

async function ofDatabase({ pool }: SampleSources): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ connections: number; waiting: number }>(
    `SELECT (SELECT count(*)::int FROM pg_stat_activity
             WHERE datname = current_database() AND application_name LIKE 'infoscreen-%') AS connections,
       (SELECT count(*)::int FROM client_commands WHERE status IN ('queued', 'publish_in_progress')) AS waiting`,
  );
  return {
    'postgres connections': rows[0]?.connections ?? 0,
    'commands not_published': rows[0]?.waiting ?? 0,
  };
}
