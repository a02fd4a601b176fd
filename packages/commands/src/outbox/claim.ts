import type { Queryable } from '@infoscreen/prisma';
import type { QueryConfig } from 'pg';
import { type StoredCommand, toStoredCommand } from '../stored-command.ts';
import { movedOf, moveStatement } from '../transition/move-commands.ts';

/** How long one process may take to publish before another one takes the command over. */
export const LEASE_SECONDS = 15;

/**
 * A command may be claimed while it lives, when nobody holds it and no older command of its client waits: commands go
 * out in order. A claim whose lease has lapsed is taken over, unless it is a legacy agent's: that may have been sent, and
 * is sent once at most (it then doesn't hold up the ones behind it either).
 */
const CLAIMABLE = `
  c.expires_at > clock_timestamp()
  AND (c.status = 'queued' OR (c.lease_until <= clock_timestamp() AND c.boot_id IS NOT NULL))
  AND NOT EXISTS (
    SELECT 1 FROM client_commands earlier
    WHERE earlier.client_uuid = c.client_uuid AND (earlier.created_at, earlier.command_id) < (c.created_at, c.command_id)
      AND (earlier.status = 'queued'
        OR (earlier.status = 'publish_in_progress' AND (earlier.boot_id IS NOT NULL OR earlier.lease_until > clock_timestamp())))
      AND earlier.expires_at > clock_timestamp()
  )`;

/** Claims one command for publishing by this process; `undefined` where it isn't claimable (any more). */
export async function claimCommand(
  db: Queryable,
  commandId: string,
  instance: string,
): Promise<StoredCommand | undefined> {
  const [claimed] = movedOf(await db.query(claimStatement([commandId], instance)));
  return claimed?.command;
}

/** Claims those of some commands that are claimable; its result is `movedOf`'s to read. */
export function claimStatement(commandIds: readonly string[], instance: string): QueryConfig {
  return moveStatement({
    rows: commandIds.map((commandId) => ({ commandId, event: 'claim', actor: instance })),
    source: 'publisher',
    guard: CLAIMABLE,
    set: `publish_attempt = c.publish_attempt + 1,
      lease_until = clock_timestamp() + make_interval(secs => $6), next_publish_at = clock_timestamp() + make_interval(secs => $6)`,
    values: [LEASE_SECONDS],
    recorded: { detail: `'attempt ' || m.publish_attempt` },
  });
}

/** Ids of commands that are due to be claimed, oldest first. Only a look: the claim decides. */
export async function findClaimable(db: Queryable, limit: number): Promise<readonly string[]> {
  const { rows } = await db.query<{ command_id: string }>(
    `SELECT c.command_id FROM client_commands c
     WHERE c.status IN ('queued', 'publish_in_progress') AND c.next_publish_at <= now() AND ${CLAIMABLE}
     ORDER BY c.next_publish_at LIMIT $1`,
    [limit],
  );
  return rows.map((row) => row.command_id);
}

/** A published command that no device has acknowledged, and whose time to be sent again has come. Not a legacy agent's. */
const REPEATABLE = `status = 'published' AND next_publish_at <= clock_timestamp() AND expires_at > clock_timestamp()
  AND boot_id IS NOT NULL`;

/** Ids of commands that are due to be sent again, oldest first: a broker can lose what it took. Only a look. */
export async function findRepeatable(db: Queryable, limit: number): Promise<readonly string[]> {
  const { rows } = await db.query<{ command_id: string }>(
    `SELECT command_id FROM client_commands WHERE ${REPEATABLE} ORDER BY next_publish_at LIMIT $1`,
    [limit],
  );
  return rows.map((row) => row.command_id);
}

/**
 * Claims one of them, right before it is sent: what waits for its turn may be acknowledged meanwhile, or expire. Moving
 * `next_publish_at` is the claim: of two schedulers, one gets it.
 */
export async function claimRepeat(db: Queryable, commandId: string): Promise<StoredCommand | undefined> {
  const { rows } = await db.query(
    `UPDATE client_commands
     SET publish_attempt = publish_attempt + 1, next_publish_at = clock_timestamp() + make_interval(secs => $2)
     WHERE command_id = $1 AND ${REPEATABLE} RETURNING *`,
    [commandId, LEASE_SECONDS],
  );
  return rows[0] === undefined ? undefined : toStoredCommand(rows[0]);
}
