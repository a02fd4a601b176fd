import { createHash } from 'node:crypto';
import type { Database } from '@infoscreen/prisma';
import type { SecretSeal } from '../broker-accounts/secret-seal.ts';
import { ProblemError } from './problem-error.ts';

/** Longer than any request lasts: after it, the one that held the key is taken for dead. */
const LOCK_SECONDS = 60;

/** An answer as it is kept: the same bytes go out again. */
export interface StoredAnswer {
  readonly status: number;
  /** JSON text; empty for an answer without a body. */
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface OperationRequest {
  readonly userId: string;
  readonly key: string;
  /** Method, path and validated input: what "the same request" means. */
  readonly request: string;
  readonly answerIsSecret: boolean;
}

interface KeyRow {
  readonly request_hash: string;
  readonly response_status: number | null;
  readonly response_body: { readonly text?: string; readonly sealed?: string } | null;
  readonly response_headers: Record<string, string> | null;
  readonly retry_after_s: number;
}

export type Claim =
  | { readonly outcome: 'replay'; readonly answer: StoredAnswer }
  | {
      readonly outcome: 'run';
      /** The same for each attempt at this operation, so that a second one can see the first one's work. */
      readonly operationKey: string;
      store(answer: StoredAnswer): Promise<void>;
      /** Lets a repetition run at once. The key stays, so that it has the same `operationKey`: what was done is found. */
      release(): Promise<void>;
    };

/**
 * Claims an `Idempotency-Key` for one user. Of many equal requests at once exactly one runs; the claim lapses after a
 * minute, for the case that its holder died.
 * @throws ProblemError `idempotency_key_reused` (another request) or `idempotency_key_in_use` (still running)
 */
export async function claimOperation(
  { pool, seal }: { pool: Database['pool']; seal: SecretSeal },
  { userId, key, request, answerIsSecret }: OperationRequest,
): Promise<Claim> {
  // Keyed, because a request may hold a password, which a plain hash would let somebody guess.
  const requestHash = seal.fingerprint(request, 'idempotent request');
  const purpose = `idempotent answer ${userId} ${key}`;
  const claimed = await pool.query<{ created: string; fence: string }>(
    `INSERT INTO idempotency_keys AS k (user_id, key, request_hash, locked_until)
     VALUES ($1, $2, $3, now() + make_interval(secs => $4))
     ON CONFLICT (user_id, key) DO UPDATE SET locked_until = EXCLUDED.locked_until
       WHERE k.response_status IS NULL AND k.request_hash = EXCLUDED.request_hash AND k.locked_until <= now()
     RETURNING created_at::text AS created, locked_until::text AS fence`,
    [userId, key, requestHash, LOCK_SECONDS],
  );
  const claim = claimed.rows[0];
  if (claim === undefined) return { outcome: 'replay', answer: await storedAnswer() };
  const fenced = [userId, key, claim.fence];
  return {
    outcome: 'run',
    operationKey: createHash('sha256').update(`${key}\n${claim.created}`).digest('base64url'),
    store: async ({ status, text, headers }) => {
      const body = answerIsSecret ? { sealed: seal.seal(text, purpose) } : { text };
      await pool.query(
        `UPDATE idempotency_keys SET response_status = $4, response_body = $5, response_headers = $6, locked_until = NULL
         WHERE user_id = $1 AND key = $2 AND locked_until = $3::timestamptz`,
        [...fenced, status, JSON.stringify(body), JSON.stringify(headers)],
      );
    },
    release: async () => {
      await pool.query(
        'UPDATE idempotency_keys SET locked_until = now() WHERE user_id = $1 AND key = $2 AND locked_until = $3::timestamptz',
        fenced,
      );
    },
  };

  async function storedAnswer(): Promise<StoredAnswer> {
    const { rows } = await pool.query<KeyRow>(
      `SELECT request_hash, response_status, response_body, response_headers,
              coalesce(extract(epoch FROM locked_until - now()), 1)::float8 AS retry_after_s
       FROM idempotency_keys WHERE user_id = $1 AND key = $2`,
      [userId, key],
    );
    const row = rows[0];
    if (row !== undefined && row.request_hash !== requestHash)
      throw new ProblemError('idempotency_key_reused');
    if (row === undefined || row.response_status === null || row.response_body === null) {
      throw new ProblemError('idempotency_key_in_use', {
        retryAfterSeconds: Math.min(row?.retry_after_s ?? 1, 5),
      });
    }
    const { text, sealed } = row.response_body;
    return {
      status: row.response_status,
      text: sealed === undefined ? (text ?? '') : seal.open(sealed, purpose),
      headers: row.response_headers ?? {},
    };
  }
}
