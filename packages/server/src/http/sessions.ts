import type { Database } from '@infoscreen/prisma';
import { cleanText } from '@infoscreen/shared-types';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import type { LoginState, SessionHandle } from './request-context.ts';
import { beginSession, SessionStore } from './session-store.ts';

/** What is kept of a log-in: whose, since when, and what its owner recognises it by. */
export interface StoredLogin extends LoginState {
  /** Milliseconds since the epoch, by the database's clock; bounds the session's whole life. */
  readonly loggedInAt: number;
  readonly ip: string;
  readonly userAgent: string | null;
}

declare module 'express-session' {
  interface SessionData {
    login: StoredLogin;
  }
}

export const SESSION_COOKIE = 'infoscreen.sid';
const MAX_USER_AGENT_CHARACTERS = 200;

export interface SessionSettings {
  readonly secret: string;
  /** `auto`: secure exactly on requests that came over HTTPS. */
  readonly cookieSecure: 'auto' | boolean;
  /** A session that is not used for so long is over. */
  readonly idleSeconds: number;
  /** A session is over then, however much it is used. */
  readonly absoluteSeconds: number;
}

/** Sessions in `user_sessions`, which a migration makes and the scheduler prunes. */
export function sessions(
  { pool }: Pick<Database, 'pool'>,
  { secret, cookieSecure, idleSeconds, absoluteSeconds }: SessionSettings,
  onError: (error: unknown) => void,
): RequestHandler {
  return session({
    name: SESSION_COOKIE,
    secret,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: cookieSecure, path: '/' },
    store: new SessionStore(pool, { idleSeconds, absoluteSeconds, onError }),
  });
}

/** @throws from each part of it where the request came with an API token, which no `sessionOnly` route takes */
export function sessionHandle(req: Request): SessionHandle {
  return {
    get sid() {
      return req.session.id;
    },
    start: async (login) => {
      await settled((done) => req.session.regenerate(done));
      req.session.login = {
        ...login,
        loggedInAt: Date.now(),
        ip: req.ip ?? 'unknown',
        userAgent: userAgent(req),
      };
      beginSession(req.session);
      await settled((done) => req.session.save(done));
    },
    end: () => settled((done) => req.session.destroy(done)),
  };
}

function userAgent(req: Request): string | null {
  const text = cleanText(req.get('user-agent') ?? '').slice(0, MAX_USER_AGENT_CHARACTERS);
  return text === '' ? null : text;
}

/** @returns what a callback is told; express-session's way of asynchronous work as a promise */
export function settled(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === undefined || error === null ? resolve() : reject(error as Error)));
  });
}
