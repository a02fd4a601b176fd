import type { Request } from 'express';
import { withTokenNote } from '../api-tokens/token-note.ts';
import { addressKey } from '../auth/address-key.ts';
import { type ErasedAnswer, isWrite } from '../http/define-route.ts';
import type { HttpDeps } from '../http/http-deps.ts';
import type { ProblemError } from '../http/problem-error.ts';
import { requestState, type WriteAudit } from '../http/request-context.ts';
import {
  type AuditSubject,
  noteWriteBegun,
  recordRefusal,
  recordWrite,
  type WriteRecord,
} from './audit-log.ts';

type Deps = Pick<HttpDeps, 'pool' | 'logger'>;

/**
 * Before the handler of a write. A write that can't be noted doesn't run, so that none is ever done without a trace.
 * @throws what the database threw
 */
export async function auditBegin(req: Request, { pool }: Deps): Promise<void> {
  await noteWriteBegun(pool, subjectOf(req));
  requestState(req).isWriteNoted = true;
}

/** For a route that `recordsItself`: its handler sees to it that the write is in the audit log, whatever happens. */
export function writeAudit(req: Request, deps: Deps): WriteAudit {
  return {
    begin: () => auditBegin(req, deps),
    entryOf: (answer) => successOf(req, answer),
    isRecorded: () => {
      requestState(req).isWriteRecorded = true;
    },
  };
}

/** After it. The write is done, and a failed answer would invite a second one: without its entry, the note becomes one. */
export async function auditSuccess(
  req: Request,
  answer: ErasedAnswer,
  { pool, logger }: Deps,
): Promise<void> {
  if (requestState(req).isWriteRecorded) return;
  try {
    await recordWrite(pool, successOf(req, answer));
  } catch (error) {
    logger.warn('a write will be in the audit log as unknown', {
      action: requestState(req).route?.operationId,
      error,
    });
  }
}

/** For a read that is recorded: without the entry it isn't answered. @throws what the database threw */
export async function auditRead(req: Request, answer: ErasedAnswer, { pool }: Deps): Promise<void> {
  await recordWrite(pool, successOf(req, answer));
}

/** Whether `auditProblem` has something to record. */
export function isAudited(req: Request, problem: ProblemError): boolean {
  return isRefusal(req, problem) || requestState(req).isWriteNoted;
}

/** Refusals are recorded as such; a write that failed otherwise may have been done. */
export async function auditProblem(
  req: Request,
  problem: ProblemError,
  { pool, logger }: Deps,
): Promise<void> {
  const ended = { statusCode: problem.status, errorCode: problem.code };
  try {
    if (isRefusal(req, problem)) {
      const subject = { ...subjectOf(req), target: refusalTarget(req, problem), ip: refusalAddress(req) };
      await recordRefusal(pool, { ...subject, ...ended });
    } else if (requestState(req).isWriteNoted) {
      await recordWrite(pool, { ...subjectOf(req), outcome: 'unknown', ...ended });
    }
  } catch (error) {
    logger.warn('a refusal or failure is missing in the audit log', { error, code: problem.code });
  }
}

function successOf(
  req: Request,
  { status, audit: note }: Pick<ErasedAnswer, 'status' | 'audit'>,
): WriteRecord {
  const subject = subjectOf(req);
  return {
    ...subject,
    actor: note?.actor?.username ?? subject.actor,
    actorUserId: note?.actor?.id ?? subject.actorUserId,
    action: note?.action ?? subject.action,
    target: note?.target ?? subject.target,
    outcome: 'success',
    statusCode: status,
    errorCode: null,
    detail: withTokenNote(requestState(req).user, note?.detail ?? null),
  };
}

function subjectOf(req: Request): AuditSubject {
  const { requestId, route, user, target } = requestState(req);
  return {
    actor: user?.username ?? null,
    actorUserId: user?.id ?? null,
    action: route?.operationId ?? 'unknown',
    target,
    ip: req.ip ?? 'unknown',
    requestId,
    detail: withTokenNote(user, null),
  };
}

function isRefusal(req: Request, { status }: ProblemError): boolean {
  if (requestState(req).route === null || status < 400 || status >= 500) return false;
  return isWrite(req.method) || ![400, 404].includes(status);
}

/** Of a stranger the network: one IPv6 line has as many addresses as it likes, and could make a row with each. */
function refusalAddress(req: Request): string {
  const ip = req.ip ?? 'unknown';
  return requestState(req).user === null ? addressKey(ip) : ip;
}

/** Nobody who is refused without end may make rows without end by naming ever new targets. */
function refusalTarget(req: Request, { code, options }: ProblemError): string | null {
  return code === 'too_many_attempts' ? null : (options.auditTarget ?? requestState(req).target);
}
