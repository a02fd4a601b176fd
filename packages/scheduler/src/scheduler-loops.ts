import { publishDueCommands, sweepEffects, sweepExpiredCommands } from '@infoscreen/commands';
import { createLoop, type Logger, type Loop, type Metrics } from '@infoscreen/service-kit';
import { recordUnfinishedWrites } from './audit/record-unfinished-writes.ts';
import { type RecoveryDeps, recoverCrashedClients } from './recovery/recover-crashed-clients.ts';
import { removeOldRows } from './retention/remove-old-rows.ts';

/** Commands of each kind that one pass of the outbox takes. */
const OUTBOX_LIMIT = 200;
const OUTBOX_INTERVAL_MS = 500;
const UNFINISHED_WRITES_INTERVAL_MS = 15_000;
const RETENTION_INTERVAL_MS = 600_000;

export interface LoopDeps extends RecoveryDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly graceSeconds: number;
  readonly intervalMs: number;
}

/** All loops of the scheduler. Each is harmless beside the same loop of another replica. */
export function createSchedulerLoops(deps: LoopDeps): readonly Loop[] {
  const { logger, metrics, intervalMs } = deps;
  const loop = (
    name: string,
    everyMs: number,
    runOnce: (stopping: AbortSignal) => Promise<Record<string, number>>,
  ) => createLoop({ name, intervalMs: everyMs, runOnce, logger, metrics });
  return [
    loop('outbox', OUTBOX_INTERVAL_MS, async (stopping) => ({
      ...(await publishDueCommands(deps, { limit: OUTBOX_LIMIT, stopping })),
    })),
    loop('expiry_sweep', intervalMs, async () => ({ ...(await sweepExpiredCommands(deps)) })),
    loop('effect_sweep', intervalMs, async () => ({
      ...(await sweepEffects(deps, { graceSeconds: deps.graceSeconds })),
    })),
    loop('crash_recovery', intervalMs, async (stopping) => ({
      ...(await recoverCrashedClients(deps, stopping)),
    })),
    loop('unfinished_writes', UNFINISHED_WRITES_INTERVAL_MS, async () => ({
      ...(await recordUnfinishedWrites(deps)),
    })),
    loop('retention', RETENTION_INTERVAL_MS, (stopping) => removeOldRows(deps, stopping)),
  ];
}
