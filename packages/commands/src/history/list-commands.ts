import type { Queryable } from '@infoscreen/prisma';
import { type CommandAction, type CommandStatus, isUuid, serverTimeSchema } from '@infoscreen/shared-types';
import { type StoredCommand, toStoredCommand } from '../stored-command.ts';

export interface CommandListQuery {
  readonly clientUuid?: string | undefined;
  /** Any of these. */
  readonly statuses?: readonly CommandStatus[] | undefined;
  readonly action?: CommandAction | undefined;
  /** A user's name, or `scheduler`. */
  readonly requestedBy?: string | undefined;
  /** Of the client, as it is now. */
  readonly group?: string | undefined;
  /** Of the creation: from the first, until before the second. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly limit: number;
  /** As a page before returned it; one that isn't readable is `invalid_cursor`. */
  readonly cursor?: string | undefined;
}

export interface ListedCommand extends StoredCommand {
  readonly hostname: string | null;
}

export type CommandPage =
  | { readonly outcome: 'page'; readonly items: readonly ListedCommand[]; readonly nextCursor: string | null }
  | { readonly outcome: 'invalid_cursor' };

/** Commands, also of deleted clients, newest first, by keyset: a page costs the same however far back it lies. */
export async function listCommands(db: Queryable, query: CommandListQuery): Promise<CommandPage> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  if (after === undefined) return { outcome: 'invalid_cursor' };
  const { rows } = await db.query(
    `SELECT k.*, c.hostname FROM client_commands k JOIN clients c ON c.uuid = k.client_uuid
     WHERE ($1::uuid IS NULL OR k.client_uuid = $1) AND ($2::text[] IS NULL OR k.status = ANY($2))
       AND ($3::text IS NULL OR k.action = $3) AND ($4::text IS NULL OR k.requested_by = $4)
       AND ($5::text IS NULL OR c."group" = $5)
       AND ($6::timestamptz IS NULL OR k.created_at >= $6) AND ($7::timestamptz IS NULL OR k.created_at < $7)
       AND ($8::timestamptz IS NULL OR (k.created_at, k.command_id) < ($8, $9::uuid))
     ORDER BY k.created_at DESC, k.command_id DESC LIMIT $10`,
    [
      query.clientUuid ?? null,
      query.statuses ?? null,
      query.action ?? null,
      query.requestedBy ?? null,
      query.group ?? null,
      query.from ?? null,
      query.to ?? null,
      after?.createdAt ?? null,
      after?.commandId ?? null,
      query.limit + 1,
    ],
  );
  const items = rows.slice(0, query.limit).map((row) => toStoredCommand(row) as ListedCommand);
  const last = items.at(-1);
  return {
    outcome: 'page',
    items,
    nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last) : null,
  };
}

function encodeCursor({ createdAt, commandId }: StoredCommand): string {
  return Buffer.from(`${createdAt.toISOString()} ${commandId}`).toString('base64url');
}

function decodeCursor(cursor: string): { readonly createdAt: Date; readonly commandId: string } | undefined {
  const [time = '', commandId = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  // As `encodeCursor` writes it: what `Date` also reads may lie where Postgres knows no time.
  if (!serverTimeSchema.safeParse(time).success || !isUuid(commandId)) return undefined;
  return { createdAt: new Date(time), commandId };
}
