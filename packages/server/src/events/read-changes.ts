import type { Queryable } from '@infoscreen/prisma';
import { boundedSnapshot, isResumable, type StreamPosition } from './stream-position.ts';

export interface Change {
  readonly kind: 'client' | 'command' | 'failure';
  readonly client_uuid: string;
  readonly command_id: string | null;
}

export type ChangesRead =
  | {
      readonly outcome: 'changes';
      readonly changes: readonly Change[];
      readonly position: StreamPosition;
      /** From the oldest of these changes until it was read, in seconds; null where there is none. */
      readonly delaySeconds: number | null;
    }
  /** Too many, or the position is of long ago or of another database: everything is to be read anew. */
  | { readonly outcome: 'reset'; readonly position: StreamPosition };

/** Different ones that are told one by one. */
const MAX_CHANGES = 1000;

interface Row {
  readonly snapshot: string;
  readonly now_s: number;
  readonly is_known: boolean | null;
  readonly changes: readonly Change[];
  readonly delay_s: number | null;
}

/**
 * What has become visible since `after`: written by transactions that its snapshot doesn't show and this statement's does.
 * So a transaction that began before others and commits after them is told all the same, once, and nobody waits for one
 * that is still open.
 */
export async function readChanges(db: Queryable, after: StreamPosition): Promise<ChangesRead> {
  const { rows } = await db.query<Row>(
    `WITH told AS (
       SELECT kind, client_uuid, command_id, min(at) AS at FROM change_log
       WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)
       GROUP BY kind, client_uuid, command_id LIMIT $2
     )
     SELECT pg_current_snapshot()::text AS snapshot, floor(extract(epoch FROM clock_timestamp()))::float8 AS now_s,
       pg_snapshot_xmax($1::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) AS is_known,
       coalesce((SELECT json_agg(json_build_object('kind', kind, 'client_uuid', client_uuid, 'command_id', command_id)
         ORDER BY at) FROM told), '[]') AS changes,
       (SELECT extract(epoch FROM clock_timestamp() - min(at))::float8 FROM told) AS delay_s`,
    [after.snapshot, MAX_CHANGES + 1],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the read of changes returned no row');
  const position = { snapshot: boundedSnapshot(row.snapshot), takenAtSeconds: row.now_s };
  if (row.is_known !== true || !isResumable(after, row.now_s) || row.changes.length > MAX_CHANGES)
    return { outcome: 'reset', position };
  return { outcome: 'changes', changes: row.changes, position, delaySeconds: row.delay_s };
}

/** Everything that is committed by now counts as seen. */
export async function currentPosition(db: Queryable): Promise<StreamPosition> {
  const { rows } = await db.query<{ snapshot: string; now_s: number }>(
    'SELECT pg_current_snapshot()::text AS snapshot, floor(extract(epoch FROM clock_timestamp()))::float8 AS now_s',
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the database told no snapshot');
  return { snapshot: boundedSnapshot(row.snapshot), takenAtSeconds: row.now_s };
}
