import type { ErrorRequestHandler } from 'express';
import { auditProblem } from '../audit/audit-request.ts';
import { isDatabaseBusy, isDatabaseUnavailable, isUnstorableInput } from './database-errors.ts';
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
    await auditProblem(req, problem, deps);
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
