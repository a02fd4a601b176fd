import type { Database } from '@infoscreen/prisma';
import type { AUDIT_FORMATS, auditEntrySchema } from '@infoscreen/shared-types';
import type { z } from 'zod';
import { CSV_MEDIA_TYPE, csvText, exportFileName } from '../http/csv-text.ts';
import { TextStream } from '../http/define-route.ts';
import { type AuditFilters, auditCursor, listAudit } from './list-audit.ts';

type AuditEntryView = z.output<typeof auditEntrySchema>;
export type ExportFormat = Exclude<(typeof AUDIT_FORMATS)[number], 'json'>;

export const EXPORT_MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: CSV_MEDIA_TYPE,
  jsonl: 'application/x-ndjson',
};
/** Entries that are read, and held, at a time. */
const PAGE_SIZE = 1000;
const COLUMNS = [
  'id',
  'at',
  'last_at',
  'count',
  'actor',
  'action',
  'target',
  'outcome',
  'status_code',
  'error_code',
  'ip',
  'request_id',
  'detail',
] as const satisfies readonly (keyof AuditEntryView)[];

/**
 * Everything that fits the filters, newest first, page by page.
 * @throws ProblemError `invalid_request` for a cursor that no page returned
 */
export function exportAudit(
  deps: Pick<Database, 'prisma'>,
  format: ExportFormat,
  filters: AuditFilters,
): TextStream {
  // Before the answer begins: later a refusal could only cut it.
  auditCursor(filters.cursor);
  return new TextStream({
    mediaType: EXPORT_MEDIA_TYPES[format],
    fileName: exportFileName('audit', format),
    pieces: pieces(deps, format, filters),
  });
}

async function* pieces(
  deps: Pick<Database, 'prisma'>,
  format: ExportFormat,
  filters: AuditFilters,
): AsyncGenerator<string> {
  let cursor = filters.cursor;
  let isFirst = true;
  do {
    const page = await listAudit(deps, { ...filters, cursor, limit: PAGE_SIZE });
    yield format === 'csv'
      ? csv(page.items, isFirst)
      : page.items.map((item) => `${JSON.stringify(item)}\n`).join('');
    isFirst = false;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

function csv(entries: readonly AuditEntryView[], isFirst: boolean): string {
  const rows = entries.map((entry) => ({
    ...entry,
    detail: entry.detail === null ? null : JSON.stringify(entry.detail),
  }));
  return csvText(rows, { columns: COLUMNS, isFirst });
}
