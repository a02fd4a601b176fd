import type { StoredCommand } from '../stored-command.ts';
import { LEASE_SECONDS } from './claim.ts';

/**
 * Whether what was claimed may still be sent: a process that stood still after its claim, or waited long for the
 * database's answer, must not send a command that has expired meanwhile or that another process may have taken over.
 * Counted by this process's own clock from before the claim: it knows no other that goes on while it stands still.
 * @param claimed as the claim returned it: `nextPublishAt` is one lease after the claim, by the database's clock
 */
export function isSendable(
  { expiresAt, nextPublishAt }: StoredCommand,
  askedAtMs: number,
  nowMs = performance.now(),
): boolean {
  if (nextPublishAt === null) return false;
  const leaseMs = LEASE_SECONDS * 1000;
  const claimedAtMs = nextPublishAt.getTime() - leaseMs;
  // The second half of the lease is for the broker's answer.
  return nowMs - askedAtMs < Math.min(expiresAt.getTime() - claimedAtMs, leaseMs / 2);
}
