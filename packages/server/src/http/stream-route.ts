import type { ProblemCode, Role } from '@infoscreen/shared-types';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { authorise, type Exchange } from './authorise.ts';
import type { Route } from './define-route.ts';
import type { HttpDeps } from './http-deps.ts';
import type { ParsedRequest } from './parse-request.ts';
import { requestState, type SessionUser } from './request-context.ts';

export interface StreamInput<Query> {
  readonly query: Query;
  readonly user: SessionUser;
  /** The header `Last-Event-ID`. */
  readonly lastEventId: string | undefined;
  /**
   * Asks anew whether the caller may still be here: session, user and role as they are now. False also where that can't be
   * known. Never rejects.
   */
  readonly isStillAllowed: () => Promise<boolean>;
  /** Nothing is to be written to it before the start. */
  readonly res: Response;
}

/** What is done once the headers are sent. */
export type StreamStart = () => void;

export interface StreamPart {
  readonly mediaType: string;
  readonly open: (input: StreamInput<unknown>) => Promise<StreamStart>;
}

export interface StreamDefinition<Query extends z.ZodObject>
  extends Pick<Route, 'path' | 'operationId' | 'summary' | 'tag'> {
  readonly role: Role;
  readonly query: Query;
  readonly mediaType: string;
  /** What the stream is made of, for the document. */
  readonly content: z.ZodType;
  readonly problems: readonly ProblemCode[];
  /** Refuses by throwing, as long as nothing is sent; then returns what goes on. */
  readonly open: (input: StreamInput<z.output<Query>>) => Promise<StreamStart>;
}

/** Declares a GET whose answer stays open. It is in the route table like any other, and let in like any other. */
export function defineStream<Query extends z.ZodObject>(definition: StreamDefinition<Query>): Route {
  const { query, content, mediaType, open, ...rest } = definition;
  return {
    ...rest,
    method: 'get',
    request: { query },
    responses: { 200: content },
    stream: { mediaType, open: open as StreamPart['open'] },
    handler: () => Promise.reject(new Error('a stream has no single answer')),
  };
}

interface StreamCall {
  readonly route: Route;
  readonly stream: StreamPart;
  readonly req: Request;
  readonly res: Response;
  readonly deps: HttpDeps;
  readonly user: SessionUser;
  readonly parsed: ParsedRequest;
}

/** Opens the stream of a caller that was let in. The request counts as answered when the headers are sent. */
export async function carryStream({
  route,
  stream,
  req,
  res,
  deps,
  user,
  parsed,
}: StreamCall): Promise<void> {
  const headers = {
    'content-type': `${stream.mediaType}; charset=utf-8`,
    'cache-control': 'no-store',
    // Proxies that collect an answer before they pass it on would hold it back for ever.
    'x-accel-buffering': 'no',
  };
  if (req.method === 'HEAD') {
    res.set(headers).end();
    return;
  }
  const start = await stream.open({
    query: parsed.query,
    user,
    lastEventId: req.get('last-event-id'),
    isStillAllowed: () => isStillAllowed(route, { req, res }, deps),
    res,
  });
  res.status(200).set(headers).flushHeaders();
  requestState(req).answered();
  start();
}

async function isStillAllowed(route: Route, exchange: Exchange, deps: HttpDeps): Promise<boolean> {
  try {
    await reloadSession(exchange.req);
    await authorise(route, exchange, deps);
    return true;
  } catch {
    return false;
  }
}

/** A request sees its session as it was at its beginning; a log-out since has taken it out of the store. */
function reloadSession(req: Request): Promise<void> {
  if (req.session?.login === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    req.session.reload((error?: unknown) =>
      error === undefined || error === null ? resolve() : reject(error as Error),
    );
  });
}
