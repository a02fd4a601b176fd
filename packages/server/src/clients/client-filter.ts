import type { clientFilterSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { clientStatusSql, containsPattern } from './client-sql.ts';

type ClientFilter = z.output<typeof clientFilterSchema>;

/** Number of the first parameter after those of the filter. */
export const AFTER_FILTER = 5;
/** The filter's parameter with HEARTBEAT_GRACE_SECONDS. */
export const GRACE = '$2';

/** Condition on `CLIENT_TABLES`: clients that were not deleted and that the filter lets through. */
export const CLIENT_FILTER = `c.deleted_at IS NULL
  AND ($1::text IS NULL OR ${clientStatusSql(GRACE)} = $1)
  AND ($3::text IS NULL OR c."group" = $3)
  AND ($4::text IS NULL OR concat_ws(E'\\n', c.uuid::text, c.hostname, c.description, c."group", c.ip) ILIKE $4)`;

/** Values of its parameters, `$1` to `$4`. */
export function filterValues({ status, group, text }: ClientFilter, graceSeconds: number): unknown[] {
  return [status ?? null, graceSeconds, group ?? null, text === undefined ? null : containsPattern(text)];
}
