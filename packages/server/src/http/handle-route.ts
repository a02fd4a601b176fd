import { PROBLEM_MEDIA_TYPE } from '@infoscreen/shared-types';
import type { Request, RequestHandler, Response } from 'express';
import { auditBegin, auditRead, auditSuccess, writeAudit } from '../audit/audit-request.ts';
import { authorise } from './authorise.ts';
import { type ErasedAnswer, isWrite, JsonText, type Route, TextStream } from './define-route.ts';
import type { HttpDeps } from './http-deps.ts';
import { claimOperation, type StoredAnswer } from './idempotency.ts';
import { type ParsedRequest, parseRequest } from './parse-request.ts';
import { ProblemError } from './problem-error.ts';
import { readAnswer, sendRead } from './read-answer.ts';
import { readBody } from './read-body.ts';
import { requestState, type SessionUser } from './request-context.ts';
import { sendStream } from './send-stream.ts';
import { sessionHandle } from './sessions.ts';
import { carryStream } from './stream-route.ts';

/** Carries one route: who, what, once, and the answer. Whatever is thrown goes on to the error handler. */
export function handleRoute(route: Route, deps: HttpDeps): RequestHandler {
  return async (req, res) => {
    const state = requestState(req);
    state.route = route;
    const user = await authorise(route, { req, res }, deps);
    const comesLater = !req.complete;
    const body = route.request.body === undefined ? undefined : await readBody(req, res);
    // Nobody keeps a right that was taken away by holding the end of a body back.
    if (comesLater && user !== null) await authorise(route, { req, res }, deps);
    const parsed = parseRequest(route, req, body);
    const call = { route, req, deps, user, parsed };
    if (route.stream !== undefined && user !== null)
      await carryStream({ ...call, stream: route.stream, res, user });
    else if (isWrite(req.method)) send(res, await runOnce(call));
    else await answerRead(call, res);
  };
}

interface Call {
  readonly route: Route;
  readonly req: Request;
  readonly deps: HttpDeps;
  readonly user: SessionUser | null;
  readonly parsed: ParsedRequest;
}

/** Runs the handler of a write; with an `Idempotency-Key`, only where the same operation has not run already. */
async function runOnce(call: Call): Promise<StoredAnswer> {
  const { route, req, deps, user, parsed } = call;
  if (user === null || parsed.idempotencyKey === null) return write(call, null);
  const claim = await claimOperation(deps, {
    userId: user.id,
    key: parsed.idempotencyKey,
    request: JSON.stringify([route.method, route.path, parsed.params, parsed.query, parsed.body]),
    answerIsSecret: route.answerIsSecret === true,
  });
  if (claim.outcome === 'replay') {
    return { ...claim.answer, headers: { ...claim.answer.headers, 'idempotency-replayed': 'true' } };
  }
  try {
    const answer = await write(call, claim.operationKey);
    await keep(claim, answer, deps);
    return answer;
  } catch (error) {
    if (error instanceof ProblemError && error.status < 500) {
      const document = error.document(requestState(req).requestId);
      const text = JSON.stringify(document);
      await keep(claim, { status: error.status, text, headers: error.headers }, deps);
    } else {
      await release(claim, deps);
    }
    throw error;
  }
}

type RunClaim = Extract<Awaited<ReturnType<typeof claimOperation>>, { outcome: 'run' }>;

/** The answer is true whether or not it could be kept: a failure to keep it must not become the answer. */
async function keep(claim: RunClaim, answer: StoredAnswer, deps: HttpDeps): Promise<void> {
  try {
    await claim.store(answer);
  } catch (error) {
    deps.logger.warn('an answer was not kept for its idempotency key', { error });
    await release(claim, deps);
  }
}

/** Where that fails too, the claim lapses by itself. */
async function release(claim: RunClaim, deps: HttpDeps): Promise<void> {
  try {
    await claim.release();
  } catch (error) {
    deps.logger.warn('an idempotency key could not be released', { error });
  }
}

async function write(call: Call, operationKey: string | null): Promise<StoredAnswer> {
  const { route, req, deps } = call;
  if (route.recordsItself !== true) await auditBegin(req, deps);
  const answer = await handle(call, operationKey);
  await auditSuccess(req, answer, deps);
  return stored(answer);
}

async function answerRead(call: Call, res: Response): Promise<void> {
  const { route, req, deps, parsed } = call;
  if (route.isSameForAll === true) {
    const question = JSON.stringify([route.path, parsed.params, parsed.query]);
    sendRead(res, await deps.shareRead(question, async () => readAnswer(stored(await handle(call, null)))));
    return;
  }
  const answer = await handle(call, null);
  if (answer.audit !== undefined) await auditRead(req, answer, deps);
  const { body } = answer;
  if (body instanceof TextStream) await sendStream(res, { ...answer, stream: body }, deps.logger);
  else sendRead(res, readAnswer(stored(answer)));
}

function stored({ status, body, headers = {} }: ErasedAnswer): StoredAnswer {
  return { status, text: bodyText(body), headers };
}

function handle(
  { route, req, deps, user, parsed }: Call,
  operationKey: string | null,
): Promise<ErasedAnswer> {
  const { requestId } = requestState(req);
  const base = { requestId, ip: req.ip ?? 'unknown', session: sessionHandle(req) };
  const context = user === null ? base : { ...base, user, operationKey, audit: writeAudit(req, deps) };
  const { params, query, body } = parsed;
  return route.handler({ params, query, body, context });
}

function bodyText(body: unknown): string {
  if (body === undefined) return '';
  return body instanceof JsonText ? body.text : JSON.stringify(body);
}

export function send(res: Response, { status, text, headers }: StoredAnswer): void {
  res.status(status).set(headers).set('cache-control', 'no-store');
  if (text === '') {
    res.end();
    return;
  }
  res.type(status >= 400 ? PROBLEM_MEDIA_TYPE : 'application/json').send(text);
}
