import type { Queryable } from '@infoscreen/prisma';
import { COMMAND_ERROR_CODES } from '@infoscreen/shared-types';
import type pg from 'pg';
import { type StoredCommand, toStoredCommand } from './stored-command.ts';
import { moveCommand } from './transition/move-command.ts';

export type CancelResult =
  | { readonly outcome: 'cancelled' | 'not_cancellable'; readonly command: StoredCommand }
  | { readonly outcome: 'not_found' };

/** Cancels a command that is still queued; one that was claimed may be on its way already and can't be called back. */
export async function cancelCommand(
  db: Queryable,
  { commandId, cancelledBy }: { readonly commandId: string; readonly cancelledBy: string },
): Promise<CancelResult> {
  const moved = await moveCommand(db, {
    event: 'cancel',
    commandId,
    source: 'api',
    actor: cancelledBy,
    set: 'finished_at = clock_timestamp(), next_publish_at = NULL',
  });
  if (moved !== undefined) return { outcome: 'cancelled', command: moved.command };
  const { rows } = await db.query('SELECT * FROM client_commands WHERE command_id = $1', [commandId]);
  return rows[0] === undefined
    ? { outcome: 'not_found' }
    : { outcome: 'not_cancellable', command: toStoredCommand(rows[0]) };
}

/**
 * Ends all commands of a client that is being deleted, in the transaction that deletes it: what is queued is cancelled, the
 * rest ends `failed`/`client_deleted`. The caller has locked the client's row, so that none can be issued meanwhile.
 */
export async function endCommandsOfDeletedClient(
  client: pg.PoolClient,
  { clientUuid, deletedBy }: { readonly clientUuid: string; readonly deletedBy: string },
): Promise<{ readonly cancelled: number; readonly failed: number }> {
  const { rows } = await client.query<{ command_id: string }>(
    'SELECT command_id FROM client_commands WHERE client_uuid = $1 AND finished_at IS NULL ORDER BY created_at',
    [clientUuid],
  );
  const ended = { cancelled: 0, failed: 0 };
  for (const { command_id: commandId } of rows) {
    const { outcome } = await cancelCommand(client, { commandId, cancelledBy: deletedBy });
    if (outcome === 'cancelled') ended.cancelled += 1;
    else if (await failDeleted(client, commandId, deletedBy)) ended.failed += 1;
  }
  return ended;
}

async function failDeleted(client: pg.PoolClient, commandId: string, deletedBy: string): Promise<boolean> {
  const moved = await moveCommand(client, {
    event: 'client_deleted',
    commandId,
    source: 'api',
    actor: deletedBy,
    set: `finished_at = clock_timestamp(), lease_until = NULL, next_publish_at = NULL,
      error_code = 'client_deleted', error_message = $6`,
    values: [COMMAND_ERROR_CODES.client_deleted],
    recorded: { errorCode: 'm.error_code' },
  });
  return moved !== undefined;
}
