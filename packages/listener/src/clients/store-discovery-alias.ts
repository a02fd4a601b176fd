import { inTransaction } from '@infoscreen/prisma';
import type { DiscoveryPayload } from '@infoscreen/shared-types';
import { knownFields } from '../identity/client-identity.ts';
import type { Arrival } from '../intake/arrival.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { Rejection } from '../rejections/rejection-book.ts';
import { UNKNOWN_CLIENT } from './touch-client.ts';

/** Anybody with an account can name any UUID on the alias, so what it can make is bounded. */
const MAX_PENDING_CLIENTS = 1000;
/** Key of the advisory lock under which pending clients are counted and made; of no other meaning. */
const PENDING_LOCK = 4_907_162_512;

const FILL_SQL = `
  UPDATE clients SET hostname = coalesce(hostname, $2), ip = coalesce(ip, $3), model = coalesce(model, $4),
    os_version = coalesce(os_version, $5), app_version = coalesce(app_version, $6), updated_at = clock_timestamp()
  WHERE uuid = $1 AND deleted_at IS NULL
    AND (hostname IS NULL OR ip IS NULL OR model IS NULL OR os_version IS NULL OR app_version IS NULL)`;

/**
 * The alias for older agents: the UUID stands in the payload only, so it may make a pending client and fill empty fields.
 * It never changes a known value, and is no sign of life.
 */
export async function storeDiscoveryAlias(
  { pool, logger }: IntakeDeps,
  { clientUuid, payload }: Arrival<DiscoveryPayload>,
): Promise<Rejection | undefined> {
  const { hostname, ip, model, osVersion, appVersion } = knownFields(payload);
  const fields = [hostname, ip, model, osVersion, appVersion];
  await pool.query(FILL_SQL, [clientUuid, ...fields]);
  const { rows } = await pool.query<{ deleted: boolean }>(
    'SELECT deleted_at IS NOT NULL AS deleted FROM clients WHERE uuid = $1',
    [clientUuid],
  );
  if (rows[0] !== undefined) return rows[0].deleted ? UNKNOWN_CLIENT : undefined;

  return inTransaction(pool, async (client) => {
    // Lock first, count in a statement of its own: any number of replicas keep to the bound.
    await client.query('SELECT pg_advisory_xact_lock($1)', [PENDING_LOCK]);
    const { rows: counts } = await client.query<{ pending: number }>(
      'SELECT count(*)::int AS pending FROM clients WHERE pending AND deleted_at IS NULL',
    );
    if ((counts[0]?.pending ?? 0) >= MAX_PENDING_CLIENTS) {
      return { reason: 'too_many_pending_clients', detail: `at most ${MAX_PENDING_CLIENTS}` } as const;
    }
    const { rowCount } = await client.query(
      `INSERT INTO clients (uuid, hostname, ip, model, os_version, app_version, pending, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, true, clock_timestamp(), clock_timestamp()) ON CONFLICT DO NOTHING`,
      [clientUuid, ...fields],
    );
    if (rowCount === 1) logger.info('pending client discovered', { client_uuid: clientUuid });
    return undefined;
  });
}
