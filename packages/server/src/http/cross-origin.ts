import cors from 'cors';
import type { RequestHandler } from 'express';

/** How long a browser may remember what it was allowed. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets pages of these origins call the API with a token. Never with a cookie: `Access-Control-Allow-Credentials` isn't sent,
 * and writes with a session stay refused. Other origins, and all of them where none is set, see no CORS header at all.
 */
export function crossOriginAccess(origins: readonly string[]): RequestHandler {
  const allow = cors({
    origin: [...origins],
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key'],
    exposedHeaders: ['Idempotency-Replayed', 'Retry-After', 'WWW-Authenticate', 'X-Request-Id'],
    maxAge: PREFLIGHT_SECONDS,
  });
  return (req, res, next) => {
    if (origins.length === 0) {
      next();
      return;
    }
    // For caches, whether or not this request is one of them.
    res.vary('Origin');
    if (origins.includes(req.get('origin') ?? '')) allow(req, res, next);
    else next();
  };
}
