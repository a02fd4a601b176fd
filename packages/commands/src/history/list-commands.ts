import type { Queryable } from '@infoscreen/prisma';
import { type CommandAction, type CommandStatus, isUuid, serverTimeSchema } from '@infoscreen/shared-types';
import { type StoredCommand, toStoredCommand } from '../stored-command.ts';

export interface CommandListQuery {
  readonly clientUuid?: string | undefined;
  readonly status?: CommandStatus | undefined;
  readonly action?: CommandAction | undefined;
  readonly limit: number;
  /** As a page before returned it; one that isn't readable is `invalid_cursor`. */
  readonly cursor?: string | undefined;
}

export type CommandPage =
  | { readonly outcome: 'page'; readonly items: readonly StoredCommand[]; readonly nextCursor: string | null }
  | { readonly outcome: 'invalid_cursor' };

/** Commands, newest first, by keyset: a page costs the same however far back it lies. */
export async function listCommands(db: Queryable, query: CommandListQuery): Promise<CommandPage> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor);
  if (after === undefined) return { outcome: 'invalid_cursor' };
  const { rows } = await db.query(
    `SELECT * FROM client_commands
     WHERE ($1::uuid IS NULL OR client_uuid = $1) AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR action = $3)
       AND ($4::timestamptz IS NULL OR (created_at, command_id) < ($4, $5::uuid))
     ORDER BY created_at DESC, command_id DESC LIMIT $6`,
    [
      query.clientUuid ?? null,
      query.status ?? null,
      query.action ?? null,
      after?.createdAt ?? null,
      after?.commandId ?? null,
      query.limit + 1,
    ],
  );
  const items = rows.slice(0, query.limit).map(toStoredCommand);
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
