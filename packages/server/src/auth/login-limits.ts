import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { Database } from '@infoscreen/prisma';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { ProblemError } from '../http/problem-error.ts';

export interface LoginLimitSettings {
  /** Failed log-ins of one user name from one address within the window. */
  readonly perAccount: number;
  /** Failed log-ins from one address within the window, whatever the user name. */
  readonly perAddress: number;
  readonly windowSeconds: number;
}

export interface LoginAttempt {
  readonly username: string;
  readonly ip: string;
}

/** Shared by all replicas through the table `rate_limits`. An attempt counts before its password is looked at. */
export interface LoginLimits {
  /** @throws ProblemError `too_many_attempts` with the seconds to wait */
  count(attempt: LoginAttempt): Promise<void>;
  /** A log-in that succeeded doesn't count. */
  forgive(attempt: LoginAttempt): Promise<void>;
}

export function createLoginLimits(
  { pool }: Pick<Database, 'pool'>,
  settings: LoginLimitSettings,
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
      duration: settings.windowSeconds,
    });
  const byAccount = limiter('login-account', settings.perAccount);
  const byAddress = limiter('login-address', settings.perAddress);
  return {
    count: async (attempt) => {
      await consume(byAddress, addressKey(attempt.ip));
      await consume(byAccount, accountKey(attempt));
    },
    forgive: async (attempt) => {
      await byAccount.delete(accountKey(attempt));
      await byAddress.reward(addressKey(attempt.ip));
    },
  };
}

async function consume(limiter: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new ProblemError('too_many_attempts', { retryAfterSeconds: error.msBeforeNext / 1000 });
  }
}

/** Hashed, because a key has a fixed width and a user name none. */
function accountKey({ username, ip }: LoginAttempt): string {
  return createHash('sha256')
    .update(`${username.trim().toLowerCase()}\n${addressKey(ip)}`)
    .digest('base64url');
}

/** One IPv6 network (/64) is one source: its owner has all of its addresses. */
export function addressKey(ip: string): string {
  const mapped = ip.toLowerCase().startsWith('::ffff:') ? ip.slice(7) : ip;
  if (isIPv4(mapped) || !isIPv6(ip)) return mapped;
  const [head = '', tail] = ip.split('%')[0]?.toLowerCase().split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined
      ? before
      : [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
