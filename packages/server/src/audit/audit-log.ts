import type { Queryable } from '@infoscreen/prisma';
import { cleanText } from '@infoscreen/shared-types';

/** Who did or wanted what, from where, in which request. The time is the database's. */
export interface AuditSubject {
  /** User name; null where nobody is logged in. */
  readonly actor: string | null;
  readonly actorUserId: string | null;
  readonly action: string;
  readonly target: string | null;
  /** Both null where it came in no request. */
  readonly ip: string | null;
  readonly requestId: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

export interface WriteRecord extends AuditSubject {
  /** `unknown`: it failed in a way that doesn't tell whether it was done. */
  readonly outcome: 'success' | 'unknown';
  readonly statusCode: number;
  readonly errorCode: string | null;
}

export interface RefusalRecord extends AuditSubject {
  readonly statusCode: number;
  readonly errorCode: string;
}

// The services' role may write the audit log in no other way than by these functions of the schema.

/**
 * Notes that a write is about to run. A note that no `recordWrite` or `recordRefusal` of the same request takes away within
 * a minute becomes an entry by itself.
 */
export async function noteWriteBegun(db: Queryable, subject: AuditSubject): Promise<void> {
  await db.query('SELECT note_write_begun($1, $2, $3, $4, $5, $6, $7)', values(subject));
}

/** Records how a write ended, or a read that is worth an entry. */
export async function recordWrite(db: Queryable, entry: WriteRecord): Promise<void> {
  await db.query('SELECT record_write($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    ...values(entry),
    entry.outcome,
    entry.statusCode,
    entry.errorCode,
  ]);
}

/**
 * Records a refusal. Equal ones (source, action, target, code, token) within a minute of the database's clock are one row with
 * a count, so that somebody who tries without end fills no table.
 */
export async function recordRefusal(db: Queryable, entry: RefusalRecord): Promise<void> {
  await db.query('SELECT record_refusal($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    ...values(entry),
    entry.statusCode,
    entry.errorCode,
  ]);
}

function values(subject: AuditSubject): unknown[] {
  return [
    subject.requestId,
    subject.actor,
    subject.actorUserId,
    subject.action,
    subject.target === null ? null : cleanText(subject.target),
    subject.ip,
    subject.detail === null ? null : JSON.stringify(subject.detail),
  ];
}
