import { randomBytes } from 'node:crypto';
import { MAX_PASSWORD_BYTES } from '@infoscreen/shared-types';
import bcrypt from 'bcrypt';
import { ProblemError } from '../http/problem-error.ts';
import { createTurns } from '../http/turns.ts';

/** bcrypt occupies a thread of the pool that files and DNS need too: never more than these at once. */
const MAX_PARALLEL = 2;
const MAX_WAITING = 100;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Takes the same time for an unknown user (`hash` null), a wrong password and one that is too long to be right. */
  matches(password: string, hash: string | null): Promise<boolean>;
}

/**
 * @param cost bcrypt's work factor, 12 in production
 * @throws ProblemError `unavailable` from both methods while too many wait
 */
export function createPasswordHasher({ cost }: { readonly cost: number }): PasswordHasher {
  const inTurn = createTurns({
    parallel: MAX_PARALLEL,
    waiting: MAX_WAITING,
    refusal: () => new ProblemError('unavailable', { retryAfterSeconds: 5 }),
  });
  let dummyHash: Promise<string> | undefined;
  return {
    hash: (password) => inTurn(() => bcrypt.hash(password, cost)),
    matches: async (password, hash) => {
      // A real hash of the same cost: a malformed one would answer at once and tell that the user is unknown.
      dummyHash ??= inTurn(() => bcrypt.hash(randomBytes(18).toString('base64'), cost));
      const compared = hash ?? (await dummyHash);
      const isSame = await inTurn(() => bcrypt.compare(password, compared));
      return isSame && hash !== null && Buffer.byteLength(password, 'utf8') <= MAX_PASSWORD_BYTES;
    },
  };
}
