import type { DiscoveryPayload } from '@infoscreen/shared-types';
import type { Arrival } from '../intake/arrival.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { Rejection } from '../rejections/rejection-book.ts';
import { noteBoot } from './note-boot.ts';
import { touchClient, UNKNOWN_CLIENT } from './touch-client.ts';

/** What a device doesn't tell stays as it is. A deleted client stays deleted. */
const DISCOVER_SQL = `
  INSERT INTO clients (uuid, hostname, ip, model, os_version, app_version, pending, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, false, clock_timestamp(), clock_timestamp())
  ON CONFLICT (uuid) DO UPDATE SET
    hostname = coalesce(excluded.hostname, clients.hostname),
    ip = coalesce(excluded.ip, clients.ip),
    model = coalesce(excluded.model, clients.model),
    os_version = coalesce(excluded.os_version, clients.os_version),
    app_version = coalesce(excluded.app_version, clients.app_version),
    pending = false,
    updated_at = clock_timestamp()
  WHERE clients.deleted_at IS NULL
  RETURNING (xmax = 0) AS is_new`;

/** A client's word of itself on its own topic: makes the client, or brings what is known of it up to date. */
export async function storeDiscovery(
  deps: IntakeDeps,
  arrival: Arrival<DiscoveryPayload>,
): Promise<Rejection | undefined> {
  const { clientUuid, payload } = arrival;
  const { rows } = await deps.pool.query<{ is_new: boolean }>(DISCOVER_SQL, [
    clientUuid,
    ...knownFields(payload),
  ]);
  if (rows[0]?.is_new === true) deps.logger.info('client discovered', { client_uuid: clientUuid });
  const stored = await touchClient(deps.pool, arrival);
  if (stored === undefined) return UNKNOWN_CLIENT;
  await noteBoot(deps, clientUuid, payload.boot_id, stored.bootId);
  return undefined;
}

/** Values for `hostname, ip, model, os_version, app_version`; an empty text says nothing. */
export function knownFields(payload: DiscoveryPayload): readonly (string | null)[] {
  const { hostname, ip, model, os_version, app_version } = payload;
  return [hostname, ip, model, os_version, app_version].map((value) => value || null);
}
