import type { ClientReadDeps } from './read-clients.ts';

const ISO = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Every client, as JSON that the database builds: integrations poll it, and it has no pages. */
export async function aliveStatusJson({ pool, graceSeconds }: ClientReadDeps): Promise<string> {
  const { rows } = await pool.query<{ json: string }>(
    `SELECT coalesce(json_agg(json_build_object(
         'uuid', c.uuid,
         'hostname', c.hostname,
         'is_alive', coalesce(s.last_alive > statement_timestamp() - make_interval(secs => $1), false),
         'last_alive', ${ISO('s.last_alive')},
         'process_status', s.process_status,
         'mqtt_reconnect_count', s.mqtt_reconnect_count,
         'mqtt_last_disconnect_at', ${ISO('s.mqtt_last_disconnect_at')},
         'service_failed_at', ${ISO('f.failed_at')},
         'service_failed_unit', f.unit
       ) ORDER BY lower(coalesce(c.hostname, '')), c.uuid), '[]')::text AS json
     FROM clients c
     JOIN client_states s ON s.client_uuid = c.uuid
     LEFT JOIN (
       SELECT DISTINCT ON (client_uuid) client_uuid, unit, failed_at FROM service_failures
       WHERE cleared_at IS NULL ORDER BY client_uuid, failed_at DESC, id
     ) f ON f.client_uuid = c.uuid
     WHERE c.deleted_at IS NULL`,
    [graceSeconds],
  );
  return rows[0]?.json ?? '[]';
}
