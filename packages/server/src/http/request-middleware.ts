import { randomUUID } from 'node:crypto';
import { type Logger, withLogContext } from '@infoscreen/service-kit';
import type { RequestHandler } from 'express';
import { isWrite } from './define-route.ts';
import type { HttpMetrics } from './http-metrics.ts';
import { rememberRequest, requestState } from './request-context.ts';

/** Gives each request its id, which stands in the answer, in problems and in every log line; one line per write. */
export function requestContext(logger: Logger, metrics: HttpMetrics): RequestHandler {
  return (req, res, next) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    let isAnswered = false;
    const answered = () => {
      if (isAnswered) return;
      isAnswered = true;
      const { route, user } = requestState(req);
      const seconds = (performance.now() - startedAt) / 1000;
      metrics.observe({ method: req.method, route: route?.path ?? 'none', status: res.statusCode, seconds });
      const fields = {
        request_id: requestId,
        method: req.method,
        path: req.path.slice(0, 200),
        status: res.statusCode,
        duration_ms: Math.round(seconds * 1000),
        user: user?.username ?? null,
      };
      if (isWrite(req.method)) logger.info('request answered', fields);
      else logger.debug('request answered', fields);
    };
    rememberRequest(req, {
      requestId,
      route: null,
      user: null,
      target: null,
      isWriteNoted: false,
      isWriteRecorded: false,
      answered,
    });
    res.set('x-request-id', requestId);
    res.on('finish', answered);
    withLogContext({ request_id: requestId }, () => next());
  };
}
