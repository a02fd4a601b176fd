import { observeOffline } from '@infoscreen/commands';
import type { PresencePayload } from '@infoscreen/shared-types';
import type { Arrival } from '../intake/arrival.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { Rejection } from '../rejections/rejection-book.ts';
import { touchClient, UNKNOWN_CLIENT } from './touch-client.ts';

/**
 * A last will may arrive after the device is back: one that names another session than the one that is online is ignored.
 * Retained messages come again at every connect, so what is known already isn't written again.
 */
const PRESENCE_SQL = `
  UPDATE client_states SET presence_online = $2, presence_session_id = $3, presence_reason = $4, presence_at = clock_timestamp()
  WHERE client_uuid = $1
    AND NOT (NOT $2 AND presence_online IS TRUE AND $3::text IS NOT NULL
      AND presence_session_id IS NOT NULL AND presence_session_id <> $3)
    AND (presence_online, presence_session_id, presence_reason) IS DISTINCT FROM ($2, $3::text, $4::text)`;

export async function storePresence(
  { pool }: IntakeDeps,
  arrival: Arrival<PresencePayload>,
): Promise<Rejection | undefined> {
  const { clientUuid, payload } = arrival;
  // Only `online` is said by the device itself: `offline` is mostly its last will, said by the broker.
  const ageSeconds = payload.online ? arrival.ageSeconds : null;
  if ((await touchClient(pool, { clientUuid, ageSeconds })) === undefined) return UNKNOWN_CLIENT;
  const { rowCount } = await pool.query(PRESENCE_SQL, [
    clientUuid,
    payload.online,
    payload.session_id ?? null,
    payload.reason ?? null,
  ]);
  // Also when it was known: the process may have ended between the two statements.
  if (!payload.online && (rowCount === 1 || (await isOffline(pool, clientUuid)))) {
    await observeOffline(pool, { clientUuid });
  }
  return undefined;
}

async function isOffline(pool: IntakeDeps['pool'], clientUuid: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'SELECT FROM client_states WHERE client_uuid = $1 AND presence_online IS FALSE',
    [clientUuid],
  );
  return rowCount === 1;
}
