import { randomUUID } from 'node:crypto';
import { type CommandRequest, countLockout, type LifecycleSettings } from '@infoscreen/commands';
import { inTransaction } from '@infoscreen/prisma';
import type pg from 'pg';

/** `issueCommand` with one mistake: it counts before it takes the lock, so that two requests may count the same place. */
export async function issueCommandNaively(
  { pool }: { readonly pool: pg.Pool },
  settings: LifecycleSettings,
  request: CommandRequest,
): Promise<{ readonly outcome: 'queued' | 'blocked_safety' }> {
  const { remaining } = await countLockout(pool, request, settings);
  const isBlocked = remaining === 0;
  await inTransaction(pool, async (client) => {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('infoscreen command ' || $1, 0))", [
      request.clientUuid,
    ]);
    await client.query(
      `INSERT INTO client_commands (command_id, client_uuid, action, status, requested_by, counts_for_lockout, error_code,
         created_at, expires_at, finished_at)
       VALUES ($1, $2, $3, CASE WHEN $4 THEN 'blocked_safety' ELSE 'queued' END, $5, NOT $4,
         CASE WHEN $4 THEN 'safety_lockout' END, clock_timestamp(), clock_timestamp() + make_interval(secs => $6),
         CASE WHEN $4 THEN clock_timestamp() END)`,
      [
        randomUUID(),
        request.clientUuid,
        request.action,
        isBlocked,
        request.requestedBy,
        settings.commandTtlSeconds,
      ],
    );
  });
  return { outcome: isBlocked ? 'blocked_safety' : 'queued' };
}
