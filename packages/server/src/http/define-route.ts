import type { ProblemCode, Role } from '@infoscreen/shared-types';
import type { z } from 'zod';
import type { PublicContext, UserContext } from './request-context.ts';
import type { StreamPart } from './stream-route.ts';

export type Method = 'get' | 'post' | 'patch' | 'delete';
/** Who may call a route: everybody, or whoever is logged in with at least this role. */
export type Access = 'public' | Role;

export interface RequestSchemas {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** A route without one sees no body at all. */
  readonly body?: z.ZodType;
}
/** Status → schema of the body; `null` is an answer without one. */
export type ResponseSchemas = Readonly<Record<number, z.ZodType | null>>;

/** JSON that the database built already: sent as it is. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Text of any length that is made while it is sent, piece by piece; the answer to an export. */
export class TextStream {
  /** One of the route's `streams`. */
  readonly mediaType: string;
  /** Under which a browser saves it. */
  readonly fileName: string;
  /** Is read as fast as the caller takes it, and left early where the caller hangs up. */
  readonly pieces: AsyncIterable<string>;
  constructor({ mediaType, fileName, pieces }: Pick<TextStream, 'mediaType' | 'fileName' | 'pieces'>) {
    this.mediaType = mediaType;
    this.fileName = fileName;
    this.pieces = pieces;
  }
}

/** What the audit log keeps, beside who, when and how it ended. A read whose answer has one is recorded like a write. */
export interface AuditNote {
  /** The route's `operationId` when left out. */
  readonly action?: string;
  /** Who it turned out to be, where nobody was logged in before. */
  readonly actor?: { readonly id: string; readonly username: string };
  readonly target?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

type BodyOf<S> = S extends z.ZodType ? z.input<S> | JsonText | TextStream : undefined;
/** An answer with one of the route's statuses, and the body that this status has. */
export interface Answer<R extends ResponseSchemas, S extends keyof R> {
  readonly status: S;
  readonly body: BodyOf<R[S]>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly audit?: AuditNote;
}

type Parsed<Q extends RequestSchemas, K extends keyof RequestSchemas> = Q[K] extends z.ZodType
  ? z.output<Q[K]>
  : undefined;

export interface HandlerInput<A extends Access, Q extends RequestSchemas> {
  readonly params: Parsed<Q, 'params'>;
  readonly query: Parsed<Q, 'query'>;
  readonly body: Parsed<Q, 'body'>;
  readonly context: A extends 'public' ? PublicContext : UserContext;
}

export interface RouteDefinition<
  A extends Access,
  Q extends RequestSchemas,
  R extends ResponseSchemas,
  S extends keyof R,
> {
  readonly method: Method;
  /** As in OpenAPI: `/api/clients/{uuid}`. */
  readonly path: string;
  /** Name in OpenAPI, in the audit log and in metrics. */
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly role: A;
  readonly request: Q;
  readonly responses: R;
  /** Media types of a read's answers with status 200 that are a `TextStream`; else they are JSON. */
  readonly streams?: readonly string[];
  /** Problems beyond those that the access and the request schemas imply. */
  readonly problems: readonly ProblemCode[];
  /** Open to a user who must change the password first. */
  readonly beforePasswordChange?: boolean;
  /** Refused to an API token: what manages credentials is for a person who is logged in. */
  readonly sessionOnly?: boolean;
  /** The answer shows a secret once: stored answers of an `Idempotency-Key` are encrypted. */
  readonly answerIsSecret?: boolean;
  /** A write that has its entry in the audit log stored in its own transaction, through `context.audit`: no note is made before it. */
  readonly recordsItself?: boolean;
  /** A read whose answer depends on the request's path and query alone: callers who ask at the same moment share one run. */
  readonly isSameForAll?: boolean;
  readonly handler: (input: HandlerInput<A, Q>) => Promise<Answer<R, S>>;
}

/** A route as the table holds it: what it accepts is checked at run time, by its own schemas. */
export interface Route
  extends Omit<RouteDefinition<Access, RequestSchemas, ResponseSchemas, number>, 'handler'> {
  readonly handler: (input: ErasedInput) => Promise<ErasedAnswer>;
  /** Set on a route whose answer stays open: `defineStream`. */
  readonly stream?: StreamPart;
}
export interface ErasedInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly context: PublicContext | UserContext;
}
export interface ErasedAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly audit?: AuditNote;
}

/** Declares one route; its handler sees exactly what its schemas let through. */
export function defineRoute<
  A extends Access,
  Q extends RequestSchemas,
  R extends ResponseSchemas,
  S extends keyof R & number,
>(definition: RouteDefinition<A, Q, R, S>): Route {
  return definition as unknown as Route;
}

export function isWrite(method: string): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method.toUpperCase());
}
