import type { Queryable } from '@infoscreen/prisma';
import type { ClientIdentity, DiscoveryFields } from './client-identity.ts';

export interface WrittenDiscovery {
  readonly clientUuid: string;
  readonly isNew: boolean;
  /** Somebody else holds the client's row, or is just making it: nothing was written. */
  readonly isLocked: boolean;
}

const FIELDS = [
  ['hostname', 'hostname'],
  ['ip', 'ip'],
  ['model', 'model'],
  ['os_version', 'osVersion'],
  ['app_version', 'appVersion'],
] as const satisfies readonly (readonly [string, keyof DiscoveryFields])[];

const COLUMNS = FIELDS.map(([column]) => column);
const listed = (of: (column: string) => string) => COLUMNS.map(of).join(', ');

/**
 * What a device doesn't tell stays as it is, and a row is written only where something changes. A row that another
 * transaction holds is skipped. A deleted client stays deleted.
 */
const WRITE_SQL = `
  WITH told AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], ${COLUMNS.map((_, index) => `$${index + 2}::text[]`).join(', ')})
      AS t (uuid, ${listed((column) => column)})
  ), news AS MATERIALIZED (
    SELECT c.uuid FROM clients c JOIN told t USING (uuid)
    WHERE c.deleted_at IS NULL AND (c.pending OR
      (${listed((column) => `coalesce(t.${column}, c.${column})`)}) IS DISTINCT FROM (${listed((column) => `c.${column}`)}))
  ), locked AS MATERIALIZED (
    SELECT c.uuid FROM clients c WHERE c.uuid IN (SELECT uuid FROM news)
    ORDER BY c.uuid FOR NO KEY UPDATE SKIP LOCKED
  ), changed AS (
    UPDATE clients c SET ${listed((column) => `${column} = coalesce(t.${column}, c.${column})`)},
      pending = false, updated_at = clock_timestamp()
    FROM told t JOIN locked USING (uuid) WHERE c.uuid = t.uuid AND c.deleted_at IS NULL
  ), absent AS MATERIALIZED (
    SELECT t.* FROM told t WHERE NOT EXISTS (SELECT FROM clients c WHERE c.uuid = t.uuid)
  ), made AS (
    INSERT INTO clients (uuid, ${listed((column) => column)}, pending, created_at, updated_at)
    SELECT uuid, ${listed((column) => column)}, false, clock_timestamp(), clock_timestamp() FROM absent ORDER BY uuid
    ON CONFLICT DO NOTHING RETURNING uuid
  )
  SELECT t.uuid AS "clientUuid", made.uuid IS NOT NULL AS "isNew",
    (news.uuid IS NOT NULL AND locked.uuid IS NULL) OR (absent.uuid IS NOT NULL AND made.uuid IS NULL) AS "isLocked"
  FROM told t LEFT JOIN news USING (uuid) LEFT JOIN locked USING (uuid) LEFT JOIN absent USING (uuid)
    LEFT JOIN made USING (uuid)`;

/**
 * Makes the clients, or brings what is known of them up to date.
 * @param identities in the order of the UUIDs, each client once, each with a discovery
 */
export async function writeDiscoveries(
  db: Queryable,
  identities: readonly ClientIdentity[],
): Promise<readonly WrittenDiscovery[]> {
  if (identities.length === 0) return [];
  const { rows } = await db.query<WrittenDiscovery>(WRITE_SQL, [
    identities.map(({ clientUuid }) => clientUuid),
    ...FIELDS.map(([, field]) => identities.map(({ discovery }) => discovery?.[field] ?? null)),
  ]);
  return rows;
}
