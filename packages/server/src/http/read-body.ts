import express, { type Request, type Response } from 'express';
import { ProblemError } from './problem-error.ts';

const BODY_LIMIT = '64kb';
const readJson = express.json({ limit: BODY_LIMIT, inflate: false, strict: false, type: () => true });

/**
 * The body of a write; no body at all is `{}`.
 * @throws ProblemError `unsupported_media_type`, `payload_too_large` or `invalid_json`
 */
export async function readBody(req: Request, res: Response): Promise<unknown> {
  if (!hasBody(req)) return {};
  if (req.is(['application/json', 'application/*+json']) === false)
    throw new ProblemError('unsupported_media_type');
  await new Promise<void>((resolve, reject) => {
    readJson(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(bodyProblem(error))));
  });
  // Of a caller that has gone the parser reads nothing and says nothing; its request must not run with an empty body.
  if (req.body === undefined) throw new ProblemError('invalid_json');
  return (req.body as unknown) ?? {};
}

function hasBody(req: Request): boolean {
  if (req.headers['transfer-encoding'] !== undefined) return true;
  const length = req.headers['content-length'];
  return length !== undefined && length !== '0';
}

function bodyProblem(error: unknown): unknown {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (status === 413)
    return new ProblemError('payload_too_large', { detail: `A body is at most ${BODY_LIMIT}.` });
  if (status === 415) return new ProblemError('unsupported_media_type');
  if (status === 400) return new ProblemError('invalid_json');
  return error;
}
