import { jsonArray, jsonObject, jsonPlain, jsonText, jsonTime, jsonWord, prepared } from '@infoscreen/prisma';
import { CLIENT_STATUSES, type monitoringOverviewSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { LATEST_HEALTH_JSON } from '../clients/client-json.ts';
import { CLIENT_NAME, CLIENT_TABLES, clientStatusSql, isAliveSql } from '../clients/client-sql.ts';
import type { ClientReadDeps } from '../clients/read-clients.ts';

type Overview = z.output<typeof monitoringOverviewSchema>;

const CLIENT = jsonObject({
  uuid: jsonWord('uuid'),
  hostname: jsonText('hostname'),
  status: jsonWord('status'),
  last_health: LATEST_HEALTH_JSON,
  mqtt_reconnect_count: jsonPlain('mqtt_reconnect_count'),
  mqtt_last_disconnect_at: jsonTime('mqtt_last_disconnect_at'),
} satisfies Record<keyof Overview['clients'][number], string>);

const TOTALS = jsonObject({
  clients: jsonPlain('count(*)'),
  alive: jsonPlain('count(*) FILTER (WHERE is_alive)'),
  by_status: jsonObject(
    Object.fromEntries(
      CLIENT_STATUSES.map((status) => [status, jsonPlain(`count(*) FILTER (WHERE status = '${status}')`)]),
    ),
  ),
  open_failures: jsonPlain(`(SELECT count(*) FROM service_failures o JOIN clients c ON c.uuid = o.client_uuid
    WHERE o.cleared_at IS NULL AND c.deleted_at IS NULL)`),
} satisfies Record<keyof Overview['totals'], string>);

const OVERVIEW = jsonObject({ totals: TOTALS, clients: jsonArray(CLIENT) } satisfies Record<
  keyof Overview,
  string
>);

/** Totals, and every client in short, as JSON that the database builds. */
export async function overviewJson({ pool, graceSeconds }: ClientReadDeps): Promise<string> {
  const { rows } = await pool.query<{ json: string }>(
    prepared(
      `SELECT ${OVERVIEW} AS json FROM (
         SELECT c.uuid, c.hostname, ${clientStatusSql('$1')} AS status, ${isAliveSql('$1')} AS is_alive, s.last_health_at, s.process_status,
           s.cpu_percent, s.memory_percent, s.disk_percent, s.temperature_c, s.mqtt_reconnect_count, s.mqtt_last_disconnect_at
         FROM ${CLIENT_TABLES}
         WHERE c.deleted_at IS NULL ORDER BY ${CLIENT_NAME}, c.uuid
       ) listed`,
      [graceSeconds],
    ),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the overview returned no row');
  return row.json;
}
