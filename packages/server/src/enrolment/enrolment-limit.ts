import type { Database } from '@infoscreen/prisma';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { addressKey } from '../auth/address-key.ts';
import { countAttempt } from '../auth/count-attempt.ts';

/** Refused enrolments from one address … */
const ATTEMPTS = 20;
/** … within so many seconds. */
const WINDOW_SECONDS = 900;

/** Shared by all replicas. An attempt counts before its token is looked at; one that enrols a screen is given back. */
export interface EnrolmentLimit {
  /** @throws ProblemError `too_many_attempts` with the seconds to wait */
  count(ip: string): Promise<void>;
  forgive(ip: string): Promise<void>;
}

export function createEnrolmentLimit({ pool }: Pick<Database, 'pool'>): EnrolmentLimit {
  const limiter = new RateLimiterPostgres({
    storeClient: pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: 'enrol-address',
    points: ATTEMPTS,
    duration: WINDOW_SECONDS,
  });
  return {
    count: (ip) => countAttempt(limiter, addressKey(ip)),
    forgive: async (ip) => {
      await limiter.reward(addressKey(ip));
    },
  };
}
