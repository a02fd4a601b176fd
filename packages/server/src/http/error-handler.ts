import type { ErrorRequestHandler, Request } from 'express';
import { withTokenNote } from '../api-tokens/token-note.ts';
import { recordRefusal } from '../audit/audit-log.ts';
import { isDatabaseBusy, isDatabaseUnavailable, isUnstorableInput } from './database-errors.ts';
import { isWrite } from './define-route.ts';
import { send } from './handle-route.ts';
import type { HttpDeps } from './http-deps.ts';
import { ProblemError } from './problem-error.ts';
import { requestState } from './request-context.ts';

/** Turns whatever was thrown into a problem document; refusals go to the audit log, surprises to the log. */
export function errorHandler(deps: Pick<HttpDeps, 'pool' | 'logger'>): ErrorRequestHandler {
  return async (thrown: unknown, req, res, next) => {
    if (res.headersSent) {
      next(thrown);
      return;
    }
    const problem = toProblem(thrown);
    if (problem.code === 'internal_error')
      deps.logger.error('a request failed', { error: thrown, path: req.path });
    // That the database is away is told once, by whoever watches it; that it is there and too busy, by each request.
    if (problem.code === 'unavailable')
      deps.logger[isDatabaseBusy(thrown) ? 'warn' : 'debug']('a request found something unavailable', {
        error: thrown,
      });
    if (isRefusal(req, problem)) await auditRefusal(req, problem, deps);
    send(res, {
      status: problem.status,
      text: JSON.stringify(problem.document(requestState(req).requestId)),
      headers: problem.headers,
    });
  };
}

/** Every thrown thing as a problem; what nobody expected is `internal_error`, and says nothing of itself. */
export function toProblem(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  if (isDatabaseUnavailable(thrown)) {
    const detail = isDatabaseBusy(thrown) ? 'The database is too busy.' : 'The database does not answer.';
    return new ProblemError('unavailable', { detail, retryAfterSeconds: 5 });
  }
  if (isUnstorableInput(thrown))
    return new ProblemError('invalid_request', { detail: 'A value is out of range.' });
  // Express reports a path that is no valid percent-encoding this way.
  if (
    thrown instanceof URIError ||
    (thrown instanceof Error && 'status' in thrown && thrown.status === 400)
  ) {
    return new ProblemError('invalid_request', {
      errors: [{ in: 'path', path: '', message: 'must be valid percent-encoding' }],
    });
  }
  return new ProblemError('internal_error');
}

function isRefusal(req: Request, { status }: ProblemError): boolean {
  if (requestState(req).route === null || status < 400 || status >= 500) return false;
  return isWrite(req.method) || ![400, 404].includes(status);
}

async function auditRefusal(
  req: Request,
  problem: ProblemError,
  { pool, logger }: Pick<HttpDeps, 'pool' | 'logger'>,
) {
  const { requestId, route, user, target } = requestState(req);
  try {
    await recordRefusal(pool, {
      actor: user?.username ?? null,
      actorUserId: user?.id ?? null,
      action: route?.operationId ?? 'unknown',
      // Nobody who is refused without end may make rows without end by naming ever new targets.
      target: problem.code === 'too_many_attempts' ? null : (problem.options.auditTarget ?? target),
      statusCode: problem.status,
      errorCode: problem.code,
      ip: req.ip ?? 'unknown',
      requestId,
      detail: withTokenNote(user, null),
    });
  } catch (error) {
    logger.warn('a refusal is missing in the audit log', { error, code: problem.code });
  }
}
