import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { StoredAnswer } from './idempotency.ts';

/** JSON of a read, as bytes that any number of callers may be sent. */
export interface ReadAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly etag: string;
}

export function readAnswer({ status, headers, text }: StoredAnswer): ReadAnswer {
  const bytes = Buffer.from(text, 'utf8');
  return { status, headers, bytes, etag: entityTag(bytes) };
}

/** Weak, because compression changes the bytes and not what they say. */
export function entityTag(bytes: Buffer): string {
  return `W/"${createHash('sha1').update(bytes).digest('base64url')}"`;
}

/**
 * Sends it, or a 304 where `If-None-Match` names it. Nobody but the caller's own browser may keep it, and that one asks each
 * time: who it is by then decides what the answer is, and whether there is one.
 */
export function sendRead(res: Response, { status, headers, bytes, etag }: ReadAnswer): void {
  res.set(headers).set({ 'cache-control': 'private, no-cache', etag });
  if (names(res.req.get('if-none-match'), etag)) res.status(304).end();
  else res.status(status).type('application/json').send(bytes);
}

/**
 * Express doesn't look where the request also says `Cache-Control: no-cache`, as `fetch` of Node does by itself. That is for
 * caches in between: this is where the answer comes from.
 */
function names(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag));
}
