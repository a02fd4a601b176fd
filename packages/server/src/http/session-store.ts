import { callbackify } from 'node:util';
import type { Database } from '@infoscreen/prisma';
import connectPgSimple from 'connect-pg-simple';
import session, { type SessionData } from 'express-session';
import { readSession, type SessionBounds } from '../auth/session-user.ts';

/** A session's end moves on with its use, but is written at most this often, and ten times in an idle lifetime. */
const TOUCH_INTERVAL_MS = 60_000;
const TOUCHES_PER_LIFETIME = 10;
const MAX_REMEMBERED_TOUCHES = 10_000;

export interface SessionStoreSettings {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly onError: (error: unknown) => void;
}

const PgStore = connectPgSimple(session);
type Done = (error?: unknown) => void;

const beginning = new WeakSet<object>();
/** Lets the next `set` of this session make its row. */
export function beginSession(data: object): void {
  beginning.add(data);
}

/**
 * The store of connect-pg-simple, which would make a row that has been deleted anew. Here only `beginSession` leads to a
 * row: a session that was revoked stays away, whatever a request that had read it before still writes.
 */
export class SessionStore extends PgStore {
  readonly #pool: Database['pool'];
  readonly #onError: SessionStoreSettings['onError'];
  readonly #idleSeconds: number;
  readonly #bounds: SessionBounds;
  readonly #touchIntervalMs: number;
  readonly #touchedAt = new Map<string, number>();

  constructor(pool: Database['pool'], { idleSeconds, absoluteSeconds, onError }: SessionStoreSettings) {
    super({
      pool,
      tableName: 'user_sessions',
      createTableIfMissing: false,
      pruneSessionInterval: false,
      ttl: idleSeconds,
      errorLog: onError,
    });
    this.#pool = pool;
    this.#onError = onError;
    this.#idleSeconds = idleSeconds;
    this.#bounds = { absoluteSeconds };
    this.#touchIntervalMs = Math.min(TOUCH_INTERVAL_MS, (idleSeconds * 1000) / TOUCHES_PER_LIFETIME);
  }

  override get(sid: string, done: (error: unknown, data?: SessionData | null) => void): void {
    callbackify(() => readSession(this.#pool, sid, this.#bounds))((error, data) => {
      if (error !== null) this.#onError(error);
      done(error, data);
    });
  }

  override set(sid: string, data: SessionData, done?: Done): void {
    const isNew = beginning.delete(data);
    // When it began is the database's to say, whose clock also ends it.
    const sql = isNew
      ? `INSERT INTO user_sessions (sid, sess, expire)
         VALUES ($1, jsonb_set($2, '{login,loggedInAt}', to_jsonb(floor(extract(epoch FROM clock_timestamp()) * 1000)))::json,
                 now() + make_interval(secs => $3))`
      : `UPDATE user_sessions SET sess = $2::jsonb::json, expire = now() + make_interval(secs => $3), last_used_at = now()
         WHERE sid = $1`;
    this.#write(sql, [sid, JSON.stringify(data), this.#idleSeconds], done);
  }

  override touch(sid: string, _data: SessionData, done?: Done): void {
    const now = performance.now();
    const touchedAt = this.#touchedAt.get(sid);
    if (touchedAt !== undefined && now - touchedAt < this.#touchIntervalMs) {
      done?.();
      return;
    }
    if (this.#touchedAt.size >= MAX_REMEMBERED_TOUCHES) this.#touchedAt.clear();
    this.#touchedAt.set(sid, now);
    const sql = `UPDATE user_sessions SET expire = now() + make_interval(secs => $2), last_used_at = now() WHERE sid = $1`;
    this.#write(sql, [sid, this.#idleSeconds], done);
  }

  #write(sql: string, values: unknown[], done: Done = () => undefined): void {
    this.#pool.query(sql, values, (error: Error | null) => {
      if (error !== null && error !== undefined) this.#onError(error);
      done(error);
    });
  }
}
