import type { Queryable } from '@infoscreen/prisma';

/** Locks the state of a client until the transaction ends. */
export async function lockClient(db: Queryable, clientUuid: string): Promise<void> {
  await db.query('SELECT FROM client_states WHERE client_uuid = $1 FOR UPDATE', [clientUuid]);
}
