import type { clientFilterSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { clientStatusSql, containsPattern } from './client-sql.ts';

export interface ClientCondition {
  /** On the client tables: clients that were not deleted and that the filter lets through. */
  readonly condition: string;
  /** The parameter with HEARTBEAT_GRACE_SECONDS. */
  readonly grace: string;
  readonly values: readonly unknown[];
  /** Number of the first parameter that is free. */
  readonly next: number;
}

/** A condition names only what is asked for, so that its plan is right whatever the values are. */
export function clientFilter(
  { status, group, text }: z.output<typeof clientFilterSchema>,
  graceSeconds: number,
): ClientCondition {
  const values: unknown[] = [graceSeconds];
  const grace = '$1';
  const conditions = ['c.deleted_at IS NULL'];
  const add = (value: unknown, condition: (parameter: string) => string) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add(status, (wanted) => `${clientStatusSql(grace)} = ${wanted}`);
  add(group, (wanted) => `c."group" = ${wanted}`);
  add(
    text === undefined ? undefined : containsPattern(text),
    (pattern) =>
      `concat_ws(E'\\n', c.uuid::text, c.hostname, c.description, c."group", c.ip) ILIKE ${pattern}`,
  );
  return { condition: conditions.join(' AND '), grace, values, next: values.length + 1 };
}
