import type { Queryable } from '@infoscreen/prisma';

/** Entries that one run makes at the most; a crash leaves as many as requests were under way. */
const LIMIT = 1000;

/**
 * Makes entries of the audit log, with the outcome `unknown`, of writes that began more than a minute ago and of which
 * nobody recorded how they ended: their server died in between, and they may have been done.
 * @returns how many
 */
export async function recordUnfinishedWrites({
  pool,
}: {
  readonly pool: Queryable;
}): Promise<{ readonly recorded: number }> {
  const { rows } = await pool.query<{ recorded: number }>('SELECT record_unfinished_writes($1) AS recorded', [
    LIMIT,
  ]);
  return { recorded: rows[0]?.recorded ?? 0 };
}
