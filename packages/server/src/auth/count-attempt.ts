import { type RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { ProblemError } from '../http/problem-error.ts';

/**
 * Counts one attempt. Only a look where nothing is left: refusals without end must not queue for the lock of one row.
 * @throws ProblemError `too_many_attempts` with the seconds to wait
 */
export async function countAttempt(limiter: RateLimiterPostgres, key: string): Promise<void> {
  const before = await limiter.get(key);
  if (before !== null && before.consumedPoints >= limiter.points) throw tooMany(before);
  try {
    await limiter.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw tooMany(error);
  }
}

function tooMany({ msBeforeNext }: RateLimiterRes): ProblemError {
  return new ProblemError('too_many_attempts', { retryAfterSeconds: msBeforeNext / 1000 });
}
