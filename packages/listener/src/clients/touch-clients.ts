import type { Queryable } from '@infoscreen/prisma';
import type { Arrival } from '../intake/arrival.ts';
import type { StoredClient } from './touch-client.ts';

export type SignOfLife = Pick<Arrival<unknown>, 'clientUuid' | 'ageSeconds'>;

/**
 * `touchClient` for several clients, each once; its commit needn't reach the disk, since the next sign of life says more. Of a client that has spoken within the last second, and of one whose row
 * another transaction holds, nothing more is noted: a moment's difference tells nobody anything.
 * @returns the boot that is stored of each; clients that there aren't are left out
 */
export async function touchClients(
  db: Queryable,
  signs: readonly SignOfLife[],
): Promise<ReadonlyMap<string, StoredClient>> {
  const { rows } = await db.query<{ client_uuid: string; boot_id: string | null }>({
    name: 'touch_clients',
    text: TOUCH_SQL,
    values: [signs.map(({ clientUuid }) => clientUuid), signs.map(({ ageSeconds }) => ageSeconds)],
  });
  return new Map(rows.map((row) => [row.client_uuid, { bootId: row.boot_id }]));
}

const TOUCH_SQL = `
  WITH told AS MATERIALIZED (
    SELECT client_uuid, clock_timestamp() - make_interval(secs => age) AS at
    FROM unnest($1::uuid[], $2::float8[]) AS t (client_uuid, age)
  ), known AS MATERIALIZED (
    SELECT s.client_uuid, s.boot_id, s.last_message_at FROM client_states s JOIN clients c ON c.uuid = s.client_uuid
    WHERE s.client_uuid = ANY ($1::uuid[]) AND c.deleted_at IS NULL
  ), locked AS MATERIALIZED (
    SELECT s.client_uuid FROM client_states s
    WHERE s.client_uuid = ANY (ARRAY(
      SELECT client_uuid FROM known JOIN told USING (client_uuid)
      WHERE known.last_message_at IS NULL OR known.last_message_at < told.at - interval '1 second'))
    ORDER BY s.client_uuid FOR NO KEY UPDATE SKIP LOCKED
  ), touched AS (
    UPDATE client_states s SET last_message_at = greatest(s.last_message_at, told.at)
    FROM told JOIN locked USING (client_uuid) WHERE s.client_uuid = told.client_uuid
  )
  SELECT client_uuid, boot_id, set_config('synchronous_commit', 'off', true) FROM known`;
