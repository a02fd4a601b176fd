import type { Queryable } from '@infoscreen/prisma';
import { cleanText } from '@infoscreen/shared-types';

export interface AuditRecord {
  /** User name; null where nobody is logged in. */
  readonly actor: string | null;
  readonly actorUserId: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly statusCode: number;
  readonly ip: string;
  readonly requestId: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** Records a write that was done. */
export async function recordSuccess(db: Queryable, entry: AuditRecord): Promise<void> {
  await db.query(
    `INSERT INTO audit_log (actor, actor_user_id, action, target, outcome, status_code, ip, request_id, detail)
     VALUES ($1, $2, $3, $4, 'success', $5, $6, $7, $8)`,
    values(entry),
  );
}

/**
 * Records a refusal. Equal ones (source, action, target, code, token) within a minute of the database's clock are one row with
 * a count, so that somebody who tries without end fills no table.
 */
export async function recordRefusal(
  db: Queryable,
  entry: AuditRecord & { readonly errorCode: string },
): Promise<void> {
  const { ip, actorUserId, action, target, errorCode, detail } = entry;
  const source = JSON.stringify([ip, actorUserId, action, target, errorCode, detail]);
  await db.query(
    `INSERT INTO audit_log AS a
       (actor, actor_user_id, action, target, outcome, status_code, ip, request_id, detail, error_code, refusal_key)
     VALUES ($1, $2, $3, $4, 'refused', $5, $6, $7, $8, $9,
             encode(sha256(convert_to($10 || date_trunc('minute', now())::text, 'UTF8')), 'hex'))
     ON CONFLICT (refusal_key) DO UPDATE SET count = a.count + 1, last_at = now()`,
    [...values(entry), entry.errorCode, source],
  );
}

function values(entry: AuditRecord): unknown[] {
  return [
    entry.actor,
    entry.actorUserId,
    entry.action,
    entry.target === null ? null : cleanText(entry.target).slice(0, 255),
    entry.statusCode,
    entry.ip,
    entry.requestId,
    entry.detail === null ? null : JSON.stringify(entry.detail),
  ];
}
