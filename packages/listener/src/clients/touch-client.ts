import type { Queryable } from '@infoscreen/prisma';
import type { Arrival } from '../intake/arrival.ts';
import type { Rejection } from '../rejections/rejection-book.ts';

export const UNKNOWN_CLIENT: Rejection = {
  reason: 'unknown_client',
  detail: 'no client of this UUID, or it was deleted',
};

/** What is stored of a client that there is. */
export interface StoredClient {
  readonly bootId: string | null;
}

/**
 * Notes that the device itself has spoken, where its message is a sign of life.
 * @returns the boot that is stored of it; `undefined` when there is no such client
 */
export async function touchClient(
  db: Queryable,
  { clientUuid, ageSeconds }: Pick<Arrival<unknown>, 'clientUuid' | 'ageSeconds'>,
): Promise<StoredClient | undefined> {
  const { rows } = await db.query<{ boot_id: string | null }>(
    ageSeconds === null ? FIND_SQL : TOUCH_SQL,
    ageSeconds === null ? [clientUuid] : [clientUuid, ageSeconds],
  );
  return rows[0] === undefined ? undefined : { bootId: rows[0].boot_id };
}

const FIND_SQL = `
  SELECT s.boot_id FROM client_states s JOIN clients c ON c.uuid = s.client_uuid
  WHERE c.uuid = $1 AND c.deleted_at IS NULL`;

const TOUCH_SQL = `
  UPDATE client_states s
  SET last_message_at = greatest(s.last_message_at, clock_timestamp() - make_interval(secs => $2))
  FROM clients c WHERE c.uuid = $1 AND s.client_uuid = c.uuid AND c.deleted_at IS NULL
  RETURNING s.boot_id`;
