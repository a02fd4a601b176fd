import { prepared } from '@infoscreen/prisma';
import type { QueryConfig } from 'pg';

/** Key of the advisory lock under which commands of one client are issued; `clientUuid` is SQL for its text. */
export function clientLock(clientUuid: string): string {
  return `hashtextextended('infoscreen command ' || ${clientUuid}, 0)`;
}

/** A setting of the transaction: which clients `lockStatement` has locked in it. */
const SETTING = 'infoscreen.locked_clients';

/** SQL of the clients that an earlier statement of the same transaction, `lockStatement`, has locked. */
export const LOCKED_CLIENTS = `string_to_array(current_setting('${SETTING}', true), ',')::uuid[]`;

const LOCK_SQL = `SELECT set_config('${SETTING}', coalesce(string_agg(client_uuid, ','), ''), true)
  FROM unnest($1::text[]) AS t (client_uuid) WHERE pg_try_advisory_xact_lock(${clientLock('client_uuid')})`;

/** Locks those clients for which nobody else issues at this moment, until the end of the transaction. */
export function lockStatement(clientUuids: readonly string[]): QueryConfig {
  return prepared(LOCK_SQL, [clientUuids]);
}
