import { eventually, type Fleet, freePort } from '@infoscreen/test-kit';
import { openSessions } from '../live/open-sessions.ts';
import { clientUuids } from '../load/client-uuids.ts';
import type { BenchContext } from '../run/benchmark.ts';
import { startBenchFleet } from '../system/bench-fleet.ts';
import { seedClients } from '../system/seed-clients.ts';
import { startProgram } from '../system/start-program.ts';

const SESSION_SECRET = 'a-secret-of-the-benchmark-0123456789-0123456789';

/** A server alone with a large fleet, and somebody who is logged in. */
export interface ReadFleet {
  readonly fleet: Fleet;
  readonly port: number;
  readonly cookie: string;
  readonly uuids: readonly string[];
  /** The answer to a read, as text. */
  readonly get: (path: string) => Promise<string>;
  /** Port of a server that answers these paths with these texts, behind the same session check. */
  readonly serve: (bodies: Readonly<Record<string, string>>) => Promise<number>;
}

export async function startReadFleet(context: BenchContext, clients: number): Promise<ReadFleet> {
  const { fleet } = await startBenchFleet(context, { settings: { SESSION_SECRET } });
  const uuids = clientUuids(clients);
  await seedClients(fleet.database, uuids);
  await makeAlive(fleet);
  await untilTold(fleet, clients);
  // Nobody else takes the processor.
  for (const service of ['listener', 'scheduler'] as const)
    for (const { process } of fleet.of(service)) await process.stop();
  const [cookie = ''] = await openSessions(fleet, 1);
  const url = fleet.of('server')[0]?.url ?? '';
  return {
    fleet,
    port: Number(new URL(url).port),
    cookie,
    uuids,
    get: async (path) => {
      const response = await fetch(`${url}${path}`, { headers: { cookie } });
      if (response.status !== 200) throw new Error(`${path} was answered with ${response.status}`);
      return await response.text();
    },
    serve: async (bodies) => {
      const port = await freePort();
      const order = { databaseUrl: fleet.database.url, port, sessionSecret: SESSION_SECRET, bodies };
      const { stop } = await startProgram('limits/prepared-server-main', order);
      context.atEnd(stop);
      return port;
    },
  };
}

/** As they look an hour later: reports of health, some failures, some crashes. Nobody recovers them. */
async function makeAlive({ database }: Fleet): Promise<void> {
  await database.asOwner(
    `UPDATE client_states SET last_alive = clock_timestamp(), last_message_at = clock_timestamp(), last_health_at = clock_timestamp(),
       process_name = 'player', process_pid = 4711, uptime_seconds = 3600, cpu_percent = 12.5, memory_percent = 43.1,
       disk_percent = 61, temperature_c = 48.5, mqtt_reconnect_count = 2, mqtt_last_disconnect_at = clock_timestamp(),
       presence_online = true`,
  );
  await database.asOwner(
    `INSERT INTO service_failures (client_uuid, unit, failed_at, reported_at)
     SELECT uuid, 'player.service', clock_timestamp(), clock_timestamp() FROM clients WHERE right(uuid::text, 2) = '00'`,
  );
}

/** The server has told of each client's status, and the planner knows how large the tables are, as of an old installation. */
async function untilTold({ database }: Fleet, clients: number): Promise<void> {
  await eventually(
    async () => {
      const [told] = await database.asOwner<{ n: number }>('SELECT count(*)::int AS n FROM told_statuses');
      return told?.n === clients;
    },
    { deadlineMs: 120_000, intervalMs: 500, what: 'every status was told' },
  );
  await database.asOwner('DELETE FROM change_log');
  await database.asOwner('VACUUM ANALYZE');
}
