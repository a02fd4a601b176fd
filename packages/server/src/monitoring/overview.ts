import { CLIENT_STATUSES, type ClientStatus, type monitoringOverviewSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { CLIENT_COLUMNS, CLIENT_NAME, CLIENT_TABLES } from '../clients/client-sql.ts';
import { type ClientRow, clientView, latestHealthView } from '../clients/client-view.ts';
import type { ClientReadDeps } from '../clients/read-clients.ts';

/** Totals, and every client in short. */
export async function readOverview({
  pool,
  graceSeconds,
}: ClientReadDeps): Promise<z.output<typeof monitoringOverviewSchema>> {
  const { rows } = await pool.query<ClientRow & { open_failures: number }>(
    `SELECT ${CLIENT_COLUMNS},
       (SELECT count(*)::int FROM service_failures o WHERE o.client_uuid = c.uuid AND o.cleared_at IS NULL) AS open_failures
     FROM ${CLIENT_TABLES} WHERE c.deleted_at IS NULL ORDER BY ${CLIENT_NAME}, c.uuid`,
    [],
  );
  const byStatus = Object.fromEntries(CLIENT_STATUSES.map((status) => [status, 0])) as Record<
    ClientStatus,
    number
  >;
  const totals = { clients: rows.length, alive: 0, by_status: byStatus, open_failures: 0 };
  const clients = rows.map((row) => {
    const { uuid, hostname, status, is_alive, mqtt_reconnect_count, mqtt_last_disconnect_at } = clientView(
      row,
      graceSeconds,
    );
    byStatus[status] += 1;
    totals.open_failures += row.open_failures;
    if (is_alive) totals.alive += 1;
    return {
      uuid,
      hostname,
      status,
      last_health: latestHealthView(row),
      mqtt_reconnect_count,
      mqtt_last_disconnect_at,
    };
  });
  return { totals, clients };
}
