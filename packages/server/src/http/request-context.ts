import type { Role } from '@infoscreen/shared-types';
import type { Request } from 'express';
import type { WriteRecord } from '../audit/audit-log.ts';
import type { AuditNote, Route } from './define-route.ts';

/** Whom a request speaks for, as the database has it at this request. */
export interface SessionUser {
  readonly id: string;
  readonly username: string;
  /** What the request may do: of a token, never more than the token itself. */
  readonly role: Role;
  readonly mustChangePassword: boolean;
  /** The API token that stands for the user; null where it is a session. */
  readonly token: { readonly id: string; readonly name: string } | null;
}

/** What a log-in writes, and what it is checked against at each request. */
export interface LoginState {
  readonly userId: string;
  readonly sessionEpoch: number;
}

export interface SessionHandle {
  /** Opens the session, so it is never shown, not even to its owner. */
  readonly sid: string;
  /** Begins a session under a new id, so that an id planted before the log-in is worth nothing. */
  start(login: LoginState): Promise<void>;
  end(): Promise<void>;
}

export interface PublicContext {
  readonly requestId: string;
  /** Address of the caller, as far as the trusted proxies tell it. */
  readonly ip: string;
  readonly session: SessionHandle;
}

/** How a route that `recordsItself` does so. */
export interface WriteAudit {
  /** Notes that the write begins; before it, where its entry isn't stored in its own transaction. @throws: then it must not be done */
  readonly begin: () => Promise<void>;
  /** The entry of a success, to be stored in the transaction of the write. */
  readonly entryOf: (answer: { readonly status: number; readonly audit: AuditNote }) => WriteRecord;
  /** The entry was committed with the write: no other one is made. */
  readonly isRecorded: () => void;
}

export interface UserContext extends PublicContext {
  readonly user: SessionUser;
  readonly audit: WriteAudit;
  /** Names this operation: the same again when the same `Idempotency-Key` repeats it; null without the header. */
  readonly operationKey: string | null;
}

/** What the pipeline learns of a request on its way, for the log, the audit log and the metrics. */
export interface RequestState {
  readonly requestId: string;
  route: Route | null;
  user: SessionUser | null;
  /** What the request is about: a UUID of its path, or the user name of a log-in. */
  target: string | null;
  /** Counts and logs the request as answered, once. */
  readonly answered: () => void;
  /** Its write has a note in `audit_pending`. */
  isWriteNoted: boolean;
  /** The entry of its write was committed with it. */
  isWriteRecorded: boolean;
}

const states = new WeakMap<Request, RequestState>();

export function rememberRequest(req: Request, state: RequestState): void {
  states.set(req, state);
}

/** @throws where the request did not come through `requestContext` */
export function requestState(req: Request): RequestState {
  const state = states.get(req);
  if (state === undefined) throw new Error('the request has no context');
  return state;
}
