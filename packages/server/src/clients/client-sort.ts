import { CLIENT_STATUSES, type ClientSort, type ClientSortKey, uuidSchema } from '@infoscreen/shared-types';
import { z } from 'zod';
import { decodeCursor } from '../http/cursor.ts';
import { CLIENT_NAME, clientStatusSql } from './client-sql.ts';

interface SortKey {
  /** The key of a row; `$n` is the parameter with HEARTBEAT_GRACE_SECONDS. */
  readonly sql: (graceParameter: string) => string;
  readonly type: 'text' | 'int' | 'timestamptz';
  readonly isNullable: boolean;
  /** Whether an index has it. None may have what heartbeats change. */
  readonly hasIndex: boolean;
}

const STATUS_LIST = CLIENT_STATUSES.map((status) => `'${status}'`).join(', ');

const SORT_KEYS: Readonly<Record<ClientSortKey, SortKey>> = {
  hostname: { sql: () => CLIENT_NAME, type: 'text', isNullable: false, hasIndex: true },
  last_alive: { sql: () => 's.last_alive', type: 'timestamptz', isNullable: true, hasIndex: false },
  status: {
    sql: (grace) => `array_position(ARRAY[${STATUS_LIST}], ${clientStatusSql(grace)})`,
    type: 'int',
    isNullable: false,
    hasIndex: false,
  },
  group: { sql: () => 'c."group"', type: 'text', isNullable: true, hasIndex: true },
  app_version: {
    sql: () => 'c.app_version COLLATE natural_order',
    type: 'text',
    isNullable: true,
    hasIndex: true,
  },
  mqtt_reconnect_count: {
    sql: () => 's.mqtt_reconnect_count',
    type: 'int',
    isNullable: true,
    hasIndex: false,
  },
};

const KEY_SCHEMAS = {
  text: z
    .string()
    .max(255)
    .refine((text) => !text.includes('\u0000')),
  int: z.int32(),
  timestamptz: z.iso.datetime(),
} as const satisfies Record<SortKey['type'], z.ZodType>;

export interface SortedPage {
  /** SQL of the key, for the column `sort_key`. */
  readonly key: string;
  /** Condition on the rows of the page: they come after the cursor. */
  readonly after: string;
  readonly orderBy: string;
  /** The same of rows `found` that have the key in `sort_key`. */
  readonly orderOfFound: string;
  /** Whether an index has this order. */
  readonly hasIndex: boolean;
  /** For the parameters that `after` names. */
  readonly values: readonly unknown[];
}

interface Parameters {
  /** The one with HEARTBEAT_GRACE_SECONDS. */
  readonly grace: string;
  /** Number of the first one that is free. */
  readonly next: number;
}

/**
 * The order of one page, by keyset: key, then UUID, both in the same direction, and rows without a key last. So each row
 * has one place, however many have the same key.
 * @throws ProblemError `invalid_request` for a cursor of another order
 */
export function sortedPage(
  { sort, cursor }: { readonly sort: ClientSort; readonly cursor?: string | undefined },
  { grace, next }: Parameters,
): SortedPage {
  const isDescending = sort.startsWith('-');
  const { sql, type, isNullable, hasIndex } = SORT_KEYS[sort.replace('-', '') as ClientSortKey];
  const key = sql(grace);
  const direction = isDescending ? 'DESC' : 'ASC';
  // Without NULLS LAST where there are none: the index has the order as it is.
  const order = (sortKey: string, uuid: string) =>
    `${sortKey} ${direction}${isNullable ? ' NULLS LAST' : ''}, ${uuid} ${direction}`;
  const base = {
    key,
    hasIndex,
    orderBy: order(key, 'c.uuid'),
    orderOfFound: order('found.sort_key', 'found.uuid'),
  };

  const schema = isNullable ? KEY_SCHEMAS[type].nullable() : KEY_SCHEMAS[type];
  const position = decodeCursor(cursor, z.tuple([z.literal(sort), schema, uuidSchema]));
  if (position === null) return { ...base, after: 'true', values: [] };
  const [, keyOfLast, uuidOfLast] = position;
  const beyond = isDescending ? '<' : '>';
  if (keyOfLast === null) {
    const after = `(${key} IS NULL AND c.uuid ${beyond} $${next}::uuid)`;
    return { ...base, after, values: [uuidOfLast] };
  }
  const follows = `(${key}, c.uuid) ${beyond} ($${next}::${type}, $${next + 1}::uuid)`;
  const after = isNullable ? `(${follows} OR ${key} IS NULL)` : follows;
  return { ...base, after, values: [keyOfLast, uuidOfLast] };
}
