import { jsonArray, jsonObject, jsonPlain, jsonText, jsonTime, jsonWord, prepared } from '@infoscreen/prisma';
import type { aliveStatusSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { CLIENT_NAME, CLIENT_TABLES, isAliveSql } from './client-sql.ts';
import type { ClientReadDeps } from './read-clients.ts';

const ALIVE_STATUS = jsonObject({
  uuid: jsonWord('uuid'),
  hostname: jsonText('hostname'),
  is_alive: jsonPlain('is_alive'),
  last_alive: jsonTime('last_alive'),
  process_status: jsonWord('process_status'),
  mqtt_reconnect_count: jsonPlain('mqtt_reconnect_count'),
  mqtt_last_disconnect_at: jsonTime('mqtt_last_disconnect_at'),
  service_failed_at: jsonTime('failed_at'),
  service_failed_unit: jsonText('unit'),
} satisfies Record<keyof z.output<typeof aliveStatusSchema>, string>);

/** Every client, as JSON that the database builds: integrations poll it, and it has no pages. */
export async function aliveStatusJson({ pool, graceSeconds }: ClientReadDeps): Promise<string> {
  const { rows } = await pool.query<{ json: string }>(
    prepared(
      // Sorted before the texts are made: they are wider than what they are made of.
      `SELECT ${jsonArray(ALIVE_STATUS)} AS json FROM (
         SELECT c.uuid, c.hostname, ${isAliveSql('$1')} AS is_alive, s.last_alive, s.process_status, s.mqtt_reconnect_count,
           s.mqtt_last_disconnect_at, f.failed_at, f.unit
         FROM ${CLIENT_TABLES} WHERE c.deleted_at IS NULL ORDER BY ${CLIENT_NAME}, c.uuid
       ) listed`,
      [graceSeconds],
    ),
  );
  return rows[0]?.json ?? '[]';
}
