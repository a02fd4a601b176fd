import type { TestDatabase } from '@infoscreen/test-kit';
import { bootOf } from '../load/client-uuids.ts';

/** Makes them known, with the boot that they report, as screens are that have been there for long. */
export async function seedClients(database: TestDatabase, uuids: readonly string[]): Promise<void> {
  await database.asOwner(
    `INSERT INTO clients (uuid, hostname, ip, model, os_version, app_version, "group", pending, created_at, updated_at)
     SELECT uuid, 'screen-' || right(uuid::text, 6), '192.0.2.17', 'signage-player', '12.5', '3.1.0',
       'site ' || (n % 50), false, clock_timestamp(), clock_timestamp()
     FROM unnest($1::uuid[]) WITH ORDINALITY AS made (uuid, n)`,
    [uuids],
  );
  await database.asOwner(
    `UPDATE client_states s SET boot_id = made.boot_id, process_status = 'running', last_message_at = clock_timestamp() - interval '1 hour'
     FROM unnest($1::uuid[], $2::text[]) AS made (uuid, boot_id) WHERE s.client_uuid = made.uuid`,
    [uuids, uuids.map((uuid) => bootOf(uuid))],
  );
  await database.asOwner('DELETE FROM change_log');
  await database.asOwner('VACUUM ANALYZE');
}
