import { runHttpLoad } from '../load/load-process.ts';
import type { BenchContext, Benchmark, PreparedBenchmark } from '../run/benchmark.ts';
import { measureBareSql } from './measure-bare-sql.ts';
import { startReadFleet } from './read-fleet.ts';

const SIZES = { full: { clients: 10_000, seconds: 5 }, short: { clients: 200, seconds: 0.3 } } as const;
const LISTS = {
  with_alive_status: '/api/clients/with_alive_status',
  overview: '/api/monitoring/overview',
} as const;
type ListName = keyof typeof LISTS;
const NAMES = Object.keys(LISTS) as ListName[];

/** What each list shows, as one would ask for it. */
const JOINED = `FROM clients c JOIN client_states s ON s.client_uuid = c.uuid
  LEFT JOIN crash_recoveries r ON r.client_uuid = c.uuid
  LEFT JOIN (SELECT DISTINCT ON (client_uuid) client_uuid, unit, failed_at FROM service_failures
    WHERE cleared_at IS NULL ORDER BY client_uuid, failed_at DESC, id) f ON f.client_uuid = c.uuid
  WHERE c.deleted_at IS NULL ORDER BY lower(coalesce(c.hostname, '')), c.uuid`;
const BARE_SQL: Readonly<Record<ListName, string>> = {
  with_alive_status: `SELECT c.uuid, c.hostname, s.last_alive > now() - interval '180 seconds' AS is_alive, s.last_alive, s.process_status,
    s.mqtt_reconnect_count, s.mqtt_last_disconnect_at, f.failed_at AS service_failed_at, f.unit AS service_failed_unit ${JOINED}`,
  overview: `SELECT c.uuid, c.hostname, c."group", s.last_alive, s.last_message_at, s.presence_online, s.last_health_at, s.process_status,
    s.cpu_percent, s.memory_percent, s.disk_percent, s.temperature_c, s.mqtt_reconnect_count, s.mqtt_last_disconnect_at, f.unit,
    r.exhausted_at ${JOINED}`,
};

export const listsBenchmark: Benchmark = {
  name: 'lists',
  title:
    'the whole lists of 10,000 clients, one request at a time, against the bare SQL and its serialisation',
  targets: NAMES.map((name) => ({ ratio: `${name} : SQL and serialisation`, atMost: 1.5 })),
  prepare,
};

async function prepare(context: BenchContext): Promise<PreparedBenchmark> {
  const { clients, seconds } = SIZES[context.size];
  const { fleet, port, cookie } = await startReadFleet(context, clients);
  return {
    run: async () => {
      const figures: Record<string, number> = {};
      const ratios: Record<string, number> = {};
      for (const name of NAMES) {
        const load = { port, paths: [LISTS[name]], cookie, connections: 1, seconds };
        const ours = 1000 / (await runHttpLoad(load)).requestsPerSecond;
        const bare = await measureBareSql(fleet.database.url, BARE_SQL[name], seconds);
        figures[`${name} ms`] = ours;
        figures[`${name}, SQL and serialisation ms`] = bare;
        ratios[`${name} : SQL and serialisation`] = ours / bare;
      }
      return { figures, ratios };
    },
  };
}
