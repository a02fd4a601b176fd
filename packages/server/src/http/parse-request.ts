import { idempotencyKeySchema } from '@infoscreen/shared-types';
import type { Request } from 'express';
import type { z } from 'zod';
import type { Route } from './define-route.ts';
import { ProblemError, type RequestIssue } from './problem-error.ts';

export interface ParsedRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly idempotencyKey: string | null;
}

/**
 * Checks every part of a request against the route's schemas, once.
 * @throws ProblemError `invalid_request` that names all issues together
 */
export function parseRequest(route: Route, req: Request, body: unknown): ParsedRequest {
  const issues: RequestIssue[] = [];
  const parse = (place: RequestIssue['in'], schema: z.ZodType | undefined, value: unknown): unknown => {
    if (schema === undefined) return undefined;
    issues.push(...zeroCharacterIssues(place, value));
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues)
      issues.push({ in: place, path: path.map(String).join('.'), message });
    return undefined;
  };
  const parsed = {
    params: parse('path', route.request.params, req.params),
    query: parse('query', route.request.query, req.query),
    body: parse('body', route.request.body, body),
    idempotencyKey: parseIdempotencyKey(req, issues),
  };
  if (issues.length > 0) throw new ProblemError('invalid_request', { errors: issues.slice(0, 50) });
  return parsed;
}

function parseIdempotencyKey(req: Request, issues: RequestIssue[]): string | null {
  const header = req.get('idempotency-key');
  if (header === undefined) return null;
  const result = idempotencyKeySchema.safeParse(header);
  if (result.success && result.data !== '') return result.data;
  issues.push({ in: 'header', path: 'idempotency-key', message: 'must be 1 to 200 characters' });
  return null;
}

/** Postgres can't store U+0000. Walks without recursion: a body may nest as deep as its size allows. */
function zeroCharacterIssues(place: RequestIssue['in'], root: unknown): RequestIssue[] {
  const pending: { readonly path: string; readonly value: unknown }[] = [{ path: '', value: root }];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const { path, value } = item;
    if (typeof value === 'string') {
      if (value.includes('\u0000'))
        return [{ in: place, path, message: 'must not contain the character U+0000' }];
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        if (path.length < 200) pending.push({ path: path === '' ? key : `${path}.${key}`, value: child });
      }
    }
  }
  return [];
}
