import { type CommandListQuery, commandView, type ListedCommand, listCommands } from '@infoscreen/commands';
import type { Queryable } from '@infoscreen/prisma';
import type { fleetCommandSchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { CSV_MEDIA_TYPE, csvText, exportFileName } from '../http/csv-text.ts';
import { TextStream } from '../http/define-route.ts';

type FleetCommand = z.output<typeof fleetCommandSchema>;
interface CommandPage {
  readonly items: readonly ListedCommand[];
  readonly nextCursor: string | null;
}

/** Commands that are read, and held, at a time. */
export const EXPORT_PAGE_SIZE = 1000;
const COLUMNS = [
  'commandId',
  'createdAt',
  'action',
  'status',
  'clientUuid',
  'hostname',
  'requestedBy',
  'reason',
  'errorCode',
  'errorMessage',
  'publishedAt',
  'ackReceivedAt',
  'executionStartedAt',
  'finishedAt',
  'effectObserved',
  'lateOutcome',
] as const satisfies readonly (keyof FleetCommand)[];

export function fleetCommandView(command: ListedCommand): FleetCommand {
  return { ...commandView(command), hostname: command.hostname };
}

/** Everything that fits, newest first, page by page. @param first its first page, which has been read already */
export function exportCommands(db: Queryable, query: CommandListQuery, first: CommandPage): TextStream {
  return new TextStream({
    mediaType: CSV_MEDIA_TYPE,
    fileName: exportFileName('commands', 'csv'),
    pieces: pieces(db, query, first),
  });
}

async function* pieces(db: Queryable, query: CommandListQuery, first: CommandPage): AsyncGenerator<string> {
  yield csvText(first.items.map(fleetCommandView), { columns: COLUMNS, isFirst: true });
  for (let cursor = first.nextCursor; cursor !== null; ) {
    const page = await listCommands(db, { ...query, limit: EXPORT_PAGE_SIZE, cursor });
    if (page.outcome !== 'page') throw new Error('a cursor that a page returned is none');
    yield csvText(page.items.map(fleetCommandView), { columns: COLUMNS, isFirst: false });
    cursor = page.nextCursor;
  }
}
