const FIRST_DELAY_SECONDS = 5;
const LONGEST_DELAY_SECONDS = 60;

/**
 * Seconds until a command that was sent `attempt` times is sent again: doubling, with jitter over the upper half, so
 * that commands of one moment don't come back in one moment.
 * @param attempt from 1
 * @param random in [0, 1)
 */
export function publishDelaySeconds(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (attempt - 1));
  return ceiling * (0.5 + random / 2);
}
