import type { Queryable } from '@infoscreen/prisma';

/** Rows that one statement deletes at the most, so that no lock is held for long. */
const BATCH_SIZE = 1000;
/** Per table and run: more than a large fleet's health history grows by in the ten minutes between two runs. */
const MAX_BATCHES = 500;

interface Lifetime {
  readonly table: string;
  /** What is past its lifetime; the database's clock decides. */
  readonly isOld: string;
}

/** How long what is kept. Commands go last: they say what happened. Of the audit log see `AUDIT_DAYS`. */
export const LIFETIMES: readonly Lifetime[] = [
  { table: 'user_sessions', isOld: 'expire < now()' },
  // Well above the quarter of an hour for which a stream of events can be taken up again.
  { table: 'change_log', isOld: `at < now() - interval '1 hour'` },
  { table: 'rate_limits', isOld: 'expire < (extract(epoch FROM now()) * 1000)::bigint' },
  { table: 'idempotency_keys', isOld: `created_at < now() - interval '1 day'` },
  { table: 'service_instances', isOld: `last_seen_at < now() - interval '1 day'` },
  { table: 'rejected_messages', isOld: `received_at < now() - interval '14 days'` },
  { table: 'health_samples', isOld: `received_at < now() - interval '30 days'` },
  { table: 'enrolment_tokens', isOld: `expires_at < now() - interval '365 days'` },
  { table: 'api_tokens', isOld: `expires_at < now() - interval '365 days'` },
  { table: 'known_login_addresses', isOld: `last_login_at < now() - interval '30 days'` },
  { table: 'service_failures', isOld: `cleared_at < now() - interval '365 days'` },
  {
    table: 'client_boots',
    // The present one stays, however old: without it, a late message of that boot would count as a new one.
    isOld: `first_seen_at < now() - interval '365 days' AND NOT EXISTS (
      SELECT FROM client_states s WHERE s.client_uuid = client_boots.client_uuid AND s.boot_id = client_boots.boot_id)`,
  },
  {
    table: 'client_commands',
    isOld: `created_at < now() - interval '365 days' AND finished_at < now() - interval '30 days'`,
  },
];

/** The shortest period that the database's own function takes; services have no other way to remove an entry. */
export const AUDIT_DAYS = 730;

/**
 * Removes what is past its lifetime, in small batches. A row that another process holds is left for the next time.
 * @returns removed rows by table, tables without any left out
 */
export async function removeOldRows(
  { pool }: { readonly pool: Queryable },
  stopping?: AbortSignal,
): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  const removeFrom = async (table: string, removeBatch: () => Promise<number>) => {
    for (let batch = 0; batch < MAX_BATCHES && stopping?.aborted !== true; batch += 1) {
      const count = await removeBatch();
      if (count === 0) break;
      removed[table] = (removed[table] ?? 0) + count;
    }
  };
  for (const { table, isOld } of LIFETIMES) {
    await removeFrom(table, async () => {
      const { rowCount } = await pool.query(
        `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${table} WHERE ${isOld} LIMIT ${BATCH_SIZE} FOR UPDATE SKIP LOCKED))`,
      );
      return rowCount ?? 0;
    });
  }
  await removeFrom('audit_log', async () => {
    const { rows } = await pool.query<{ removed: number }>(
      'SELECT remove_old_audit_entries($1, $2) AS removed',
      [AUDIT_DAYS, BATCH_SIZE],
    );
    return rows[0]?.removed ?? 0;
  });
  return removed;
}
