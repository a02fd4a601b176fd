import type { Database } from '@infoscreen/prisma';
import connectPgSimple from 'connect-pg-simple';
import type { Request, RequestHandler } from 'express';
import session, { type SessionData } from 'express-session';
import type { LoginState, SessionHandle } from './request-context.ts';

declare module 'express-session' {
  interface SessionData {
    login: LoginState;
  }
}

export const SESSION_COOKIE = 'infoscreen.sid';
/** A session's end moves on with its use, but is written at most this often. */
const TOUCH_INTERVAL_MS = 60_000;
const MAX_REMEMBERED_TOUCHES = 10_000;

export interface SessionSettings {
  readonly secret: string;
  /** `auto`: secure exactly on requests that came over HTTPS. */
  readonly cookieSecure: 'auto' | boolean;
  /** A session that is not used for so long is over. */
  readonly idleSeconds: number;
  /** A session is over then, however much it is used. */
  readonly absoluteSeconds: number;
}

const PgStore = connectPgSimple(session);

/** The store of connect-pg-simple, with touches throttled: each request would be an UPDATE otherwise. */
class ThrottledStore extends PgStore {
  readonly #touchedAt = new Map<string, number>();

  override touch(sid: string, data: SessionData, callback?: () => void): void {
    const now = Date.now();
    if (now - (this.#touchedAt.get(sid) ?? 0) < TOUCH_INTERVAL_MS) {
      callback?.();
      return;
    }
    if (this.#touchedAt.size >= MAX_REMEMBERED_TOUCHES) this.#touchedAt.clear();
    this.#touchedAt.set(sid, now);
    super.touch(sid, data, callback);
  }
}

/** Sessions in `user_sessions`, which a migration makes and the scheduler prunes. */
export function sessions(
  { pool }: Pick<Database, 'pool'>,
  { secret, cookieSecure, idleSeconds }: SessionSettings,
  onError: (error: unknown) => void,
): RequestHandler {
  return session({
    name: SESSION_COOKIE,
    secret,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: cookieSecure, path: '/' },
    store: new ThrottledStore({
      pool,
      tableName: 'user_sessions',
      createTableIfMissing: false,
      pruneSessionInterval: false,
      ttl: idleSeconds,
      errorLog: onError,
    }),
  });
}

export function sessionHandle(req: Request): SessionHandle {
  return {
    start: async (login) => {
      await settled((done) => req.session.regenerate(done));
      req.session.login = login;
      await settled((done) => req.session.save(done));
    },
    end: () => settled((done) => req.session.destroy(done)),
  };
}

function settled(start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === undefined || error === null ? resolve() : reject(error as Error)));
  });
}
