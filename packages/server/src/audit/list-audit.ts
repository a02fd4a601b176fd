import type { AuditEntry, Database, Prisma } from '@infoscreen/prisma';
import { type auditEntrySchema, type auditQuerySchema, cleanText } from '@infoscreen/shared-types';
import { z } from 'zod';
import { decodeCursor, pageOfRows } from '../http/cursor.ts';
import { queryTime } from '../http/query-time.ts';

/** What an entry must fit; `cursor` is where to go on. */
export type AuditFilters = Omit<z.output<typeof auditQuerySchema>, 'limit' | 'format'>;
type AuditEntryView = z.output<typeof auditEntrySchema>;

const cursorSchema = z.tuple([z.iso.datetime(), z.string().regex(/^\d{1,18}$/)]);

/** @throws ProblemError `invalid_request` for a cursor that no page returned */
export function auditCursor(cursor: string | undefined) {
  return decodeCursor(cursor, cursorSchema);
}

/** The audit log, newest first. */
export async function listAudit(
  { prisma }: Pick<Database, 'prisma'>,
  query: AuditFilters & { readonly limit: number },
): Promise<{ items: AuditEntryView[]; nextCursor: string | null }> {
  const before = auditCursor(query.cursor);
  const where: Prisma.AuditEntryWhereInput = {
    ...(query.actor === undefined ? {} : { actor: query.actor }),
    ...(query.action === undefined ? {} : { action: query.action }),
    ...(query.target === undefined ? {} : { target: cleanText(query.target) }),
    ...(query.outcome === undefined ? {} : { outcome: query.outcome }),
    at: {
      ...(query.from === undefined ? {} : { gte: queryTime(query.from) }),
      ...(query.to === undefined ? {} : { lt: queryTime(query.to) }),
    },
    ...(before === null
      ? {}
      : {
          OR: [
            { at: { lt: queryTime(before[0]) } },
            { at: queryTime(before[0]), id: { lt: BigInt(before[1]) } },
          ],
        }),
  };
  const rows = await prisma.auditEntry.findMany({
    where,
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: query.limit + 1,
  });
  return pageOfRows(rows, query.limit, {
    item: auditView,
    key: (row) => [row.at.toISOString(), row.id.toString()],
  });
}

function auditView(row: AuditEntry): AuditEntryView {
  return {
    id: row.id.toString(),
    at: row.at.toISOString(),
    last_at: row.lastAt.toISOString(),
    count: row.count,
    actor: row.actor,
    action: row.action,
    target: row.target,
    outcome: row.outcome as AuditEntryView['outcome'],
    status_code: row.statusCode,
    error_code: row.errorCode,
    ip: row.ip,
    request_id: row.requestId,
    detail: row.detail as AuditEntryView['detail'],
  };
}
