import { randomUUID } from 'node:crypto';
import { endCommandsOfDeletedClient } from '@infoscreen/commands';
import { type Database, inTransaction, type Queryable } from '@infoscreen/prisma';
import type { ClientView, createClientBodySchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { renewAccount, withdrawAccount } from '../broker-accounts/account-credentials.ts';
import type { SecretSeal } from '../broker-accounts/secret-seal.ts';
import { clientExists, readClient } from './read-clients.ts';

export interface ClientChangeDeps {
  readonly pool: Database['pool'];
  readonly seal: SecretSeal;
  readonly graceSeconds: number;
}

export interface ClientCredentials {
  readonly client: ClientView;
  /** Left out where the screen logs in with a certificate. */
  readonly password?: string;
}

export type CreateClientResult =
  | ({ readonly outcome: 'created' } & ClientCredentials)
  | { readonly outcome: 'client_exists' | 'client_deleted' };

/** Makes a client, with the account of its screen unless that logs in with a certificate. A UUID that was deleted stays taken: its history belongs to it. */
export function createClient(
  { pool, seal, graceSeconds }: ClientChangeDeps,
  {
    uuid = randomUUID(),
    hostname,
    description,
    group,
    mqtt_auth: auth,
  }: z.output<typeof createClientBodySchema>,
): Promise<CreateClientResult> {
  return inTransaction(pool, async (db): Promise<CreateClientResult> => {
    const { rowCount } = await db.query(
      `INSERT INTO clients (uuid, hostname, description, "group")
       VALUES ($1, nullif($2, ''), nullif($3, ''), nullif($4, '')) ON CONFLICT DO NOTHING`,
      [uuid, hostname ?? null, description ?? null, group ?? null],
    );
    if (rowCount === 0) {
      return { outcome: (await clientExists(db, uuid)) ? 'client_exists' : 'client_deleted' };
    }
    const credentials = auth === 'certificate' ? {} : await newPassword(db, { clientUuid: uuid, seal });
    const client = await readClient({ pool: db, graceSeconds }, uuid);
    if (client === null) throw new Error('the client that was just made is not there');
    return { outcome: 'created', client, ...credentials };
  });
}

async function newPassword(client: Queryable, account: Parameters<typeof renewAccount>[1]) {
  const { password } = await renewAccount(client, account);
  return { password };
}

/**
 * Gives the screen of a client a new password; the old one stops to work as soon as the broker has it. Also makes the
 * account of a client that has none yet, and so takes a pending one into the fleet. With `certificate` the account is
 * withdrawn: from then on nothing but its certificate lets the screen in.
 */
export function rotateCredentials(
  { pool, seal, graceSeconds }: ClientChangeDeps,
  { uuid, auth }: { readonly uuid: string; readonly auth: 'password' | 'certificate' },
): Promise<ClientCredentials | null> {
  return inTransaction(pool, async (db) => {
    // The lock keeps a deletion from happening in between, which would leave an account without a client.
    const { rowCount } = await db.query(
      'UPDATE clients SET pending = false, updated_at = now() WHERE uuid = $1 AND deleted_at IS NULL',
      [uuid],
    );
    if (rowCount === 0) return null;
    const credentials = auth === 'certificate' ? {} : await newPassword(db, { clientUuid: uuid, seal });
    if (auth === 'certificate') await withdrawAccount(db, uuid);
    const client = await readClient({ pool: db, graceSeconds }, uuid);
    if (client === null) throw new Error('the client that was just changed is not there');
    return { client, ...credentials };
  });
}

export interface DeletedClient {
  /** Commands that were queued, and those that were under way. */
  readonly cancelled: number;
  readonly failed: number;
}

/**
 * Deletes a client in one transaction: a tombstone that keeps its history, no account, no open commands.
 * @returns null where there is no such client
 */
export function deleteClient(
  { pool }: Pick<ClientChangeDeps, 'pool'>,
  { uuid, deletedBy }: { readonly uuid: string; readonly deletedBy: string },
): Promise<DeletedClient | null> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      'UPDATE clients SET deleted_at = now(), deleted_by = $2, updated_at = now() WHERE uuid = $1 AND deleted_at IS NULL',
      [uuid, deletedBy],
    );
    if (rowCount === 0) return null;
    await withdrawAccount(client, uuid);
    return endCommandsOfDeletedClient(client, { clientUuid: uuid, deletedBy });
  });
}

/** Ends the recovery ladder of a client, so that recovery may help it again. @returns whether there is such a client */
export async function resetRecovery(
  { pool }: Pick<ClientChangeDeps, 'pool'>,
  uuid: string,
): Promise<boolean> {
  const { rows } = await pool.query(
    `WITH reset AS (DELETE FROM crash_recoveries WHERE client_uuid = $1)
     SELECT FROM clients WHERE uuid = $1 AND deleted_at IS NULL`,
    [uuid],
  );
  return rows.length > 0;
}
