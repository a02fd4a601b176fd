import { inTransaction } from '@infoscreen/prisma';
import type pg from 'pg';

export interface BootObservation {
  /** `first`: the client had reported none before. `known`: the current boot, or an older one in a late message. */
  readonly outcome: 'known' | 'first' | 'rebooted' | 'unknown_client';
  /** The reboot that caused it; null where nobody commanded it. */
  readonly commandId: string | null;
}

/**
 * Takes note of the boot that a client reports on one of its own topics. A new one is recorded, and is the proof of
 * every reboot that was sent to the boot before it. Boot ids never come back, so an id seen earlier is a late message.
 */
export function observeBoot(
  { pool }: { readonly pool: pg.Pool },
  { clientUuid, bootId }: { readonly clientUuid: string; readonly bootId: string },
): Promise<BootObservation> {
  return inTransaction(pool, async (client): Promise<BootObservation> => {
    const { rows: states } = await client.query<{ boot_id: string | null }>(
      'SELECT boot_id FROM client_states WHERE client_uuid = $1 FOR UPDATE',
      [clientUuid],
    );
    const previous = states[0];
    if (previous === undefined) return { outcome: 'unknown_client', commandId: null };
    if (previous.boot_id === bootId) return { outcome: 'known', commandId: null };

    const { rowCount } = await client.query(
      'INSERT INTO client_boots (client_uuid, boot_id, first_seen_at) VALUES ($1, $2, clock_timestamp()) ON CONFLICT DO NOTHING',
      [clientUuid, bootId],
    );
    if (rowCount === 0) return { outcome: 'known', commandId: null };
    await client.query('UPDATE client_states SET boot_id = $2 WHERE client_uuid = $1', [clientUuid, bootId]);
    if (previous.boot_id === null) return { outcome: 'first', commandId: null };
    return {
      outcome: 'rebooted',
      commandId: await proveReboots(client, { clientUuid, bootId, previousBootId: previous.boot_id }),
    };
  });
}

interface Reboot {
  readonly clientUuid: string;
  readonly bootId: string;
  readonly previousBootId: string;
}

/**
 * A command that the screen had refused caused no boot, and one that it never started caused none long after it had
 * expired. One that it had started may be proven late: the screen may have been away for a while.
 * @returns the oldest of the commands that the boot proves, or null
 */
async function proveReboots(
  client: pg.PoolClient,
  { clientUuid, bootId, previousBootId }: Reboot,
): Promise<string | null> {
  const { rows } = await client.query<{ command_id: string }>(
    `WITH proven AS (
       UPDATE client_commands SET effect_observed = true, effect_observed_at = clock_timestamp(), effect_boot_id = $2
       WHERE client_uuid = $1 AND action = 'reboot_host' AND boot_id = $3
         AND effect_observed IS DISTINCT FROM true AND publish_attempt > 0
         AND (status NOT IN ('failed', 'blocked_safety') OR error_code = 'client_deleted')
         AND coalesce(execution_started_at + interval '1 day', expires_at + interval '1 hour') > clock_timestamp()
       RETURNING command_id, status, created_at
     ), recorded AS (
       INSERT INTO client_command_events (command_id, kind, from_status, to_status, source, actor, detail)
       SELECT command_id, 'effect', status, status, 'device', $1::text, 'booted as ' || $2 FROM proven
     ), attributed AS (
       UPDATE client_boots SET command_id = (SELECT command_id FROM proven ORDER BY created_at LIMIT 1)
       WHERE client_uuid = $1 AND boot_id = $2
     )
     SELECT command_id FROM proven ORDER BY created_at LIMIT 1`,
    [clientUuid, bootId, previousBootId],
  );
  return rows[0]?.command_id ?? null;
}
