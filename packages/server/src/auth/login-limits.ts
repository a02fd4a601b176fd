import { createHash } from 'node:crypto';
import type { Database } from '@infoscreen/prisma';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { addressKey } from './address-key.ts';
import { countAttempt } from './count-attempt.ts';
import { isKnownAddress } from './known-addresses.ts';

export interface LoginLimitSettings {
  /** Failed log-ins of one user name from one address within the window. */
  readonly perAccount: number;
  /** Failed log-ins from one address within the window, whatever the user name. */
  readonly perAddress: number;
  /** Failed log-ins of one user name from all addresses that it isn't known from, within the window. */
  readonly perAccountEverywhere: number;
  readonly windowSeconds: number;
}

export interface LoginAttempt {
  readonly username: string;
  readonly ip: string;
}

export interface CountedAttempt {
  /** A log-in that succeeded doesn't count. */
  forgive(): Promise<void>;
}

/**
 * Shared by all replicas through the table `rate_limits`. An attempt counts before its password is looked at, and where it
 * can't be counted, no password is: without the database nobody gets a guess.
 */
export interface LoginLimits {
  /** @throws ProblemError `too_many_attempts` with the seconds to wait */
  count(attempt: LoginAttempt): Promise<CountedAttempt>;
}

export function createLoginLimits(
  { pool }: Pick<Database, 'pool'>,
  { perAccount, perAddress, perAccountEverywhere, windowSeconds }: LoginLimitSettings,
): LoginLimits {
  const limiter = (keyPrefix: string, points: number) =>
    new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      tableName: 'rate_limits',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix,
      points,
      duration: windowSeconds,
    });
  const byAddress = limiter('login-address', perAddress);
  const byAccount = limiter('login-account', perAccount);
  const everywhere = limiter('login-everywhere', perAccountEverywhere);
  return {
    count: async (attempt) => {
      const address = addressKey(attempt.ip);
      const [account, accountThere] = [hashed(attempt.username), hashed(attempt.username, address)];
      await countAttempt(byAddress, address);
      await countAttempt(byAccount, accountThere);
      // Whoever guesses from many addresses must not lock the user out from where the user always is.
      const isKnown = await isKnownAddress(pool, attempt);
      if (!isKnown) await countAttempt(everywhere, account);
      return {
        forgive: async () => {
          await byAccount.delete(accountThere);
          await byAddress.reward(address);
          if (!isKnown) await everywhere.reward(account);
        },
      };
    },
  };
}

/** Hashed, because a key has a fixed width and a user name none. */
function hashed(username: string, ...rest: readonly string[]): string {
  const text = [username.trim().toLowerCase(), ...rest].join('\n');
  return createHash('sha256').update(text).digest('base64url');
}
