import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { CommandFleet } from '../system/command-fleet.ts';
import { httpRequest, openHttpLine } from './http-line.ts';

const LOOK_EVERY_MS = 5;
const DEADLINE_MS = 60_000;

export interface CommandLoad {
  readonly commands: number;
  /** Requests under way, shared out over the servers, each on a connection of its own. */
  readonly atOnce: number;
}

/**
 * Asks for commands one by one, for one screen after the other, until all of them are done.
 * @returns commands per second, from the first request until the last one is `completed` in the database
 * @throws when one is refused, or ends otherwise
 */
export async function commandsPerSecond(
  { fleet, uuids, cookie }: CommandFleet,
  { commands, atOnce }: CommandLoad,
): Promise<number> {
  const servers = fleet.of('server');
  const lines = await Promise.all(
    Array.from({ length: atOnce }, (_, n) => openHttpLine(servers[n % servers.length]?.url ?? '')),
  );
  const database = new pg.Client({ connectionString: fleet.database.url, application_name: 'bench' });
  await database.connect();
  try {
    const before = await completedCommands(database);
    let next = 0;
    const startedAt = performance.now();
    await Promise.all(
      lines.map(async (line) => {
        while (next < commands) {
          const uuid = uuids[next % uuids.length] ?? '';
          next += 1;
          const { status, body } = await line.request(
            httpRequest('POST', `/api/clients/${uuid}/restart_app`, { cookie, body: {} }),
          );
          if (status !== 202) throw new Error(`a command was answered with ${status}: ${body}`);
        }
      }),
    );
    await untilNoneIsOpen(database);
    const seconds = (performance.now() - startedAt) / 1000;
    const completed = (await completedCommands(database)) - before;
    if (completed !== commands) throw new Error(`${completed} of ${commands} commands are completed`);
    return commands / seconds;
  } finally {
    await database.end();
    for (const line of lines) line.close();
  }
}

async function completedCommands(database: pg.Client): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM client_commands WHERE status = 'completed' AND created_at > now() - interval '30 minutes'",
  );
  return rows[0]?.n ?? 0;
}

/** By the partial indexes of the sweep, which hold open commands alone. */
async function untilNoneIsOpen(database: pg.Client): Promise<void> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  for (;;) {
    const { rows } = await database.query<{ is_open: boolean }>(
      `SELECT EXISTS (SELECT FROM client_commands WHERE status IN ('queued', 'publish_in_progress', 'published', 'ack_received'))
         OR EXISTS (SELECT FROM client_commands WHERE status = 'execution_started') AS is_open`,
    );
    if (rows[0]?.is_open === false) return;
    if (performance.now() > giveUpAt) throw new Error('commands are still open');
    await pause(LOOK_EVERY_MS);
  }
}
