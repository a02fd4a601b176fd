import { setTimeout as pause } from 'node:timers/promises';
import type { FaultKind, FaultRecord } from './fault-kinds.ts';
import { type FaultDeps, performFault } from './perform-fault.ts';
import type { PlannedFault } from './plan-faults.ts';

/** Makes the planned faults happen at their times, however long each of them takes. */
export class FaultDriver {
  readonly done: FaultRecord[] = [];
  /** Faults that could not be made to happen. */
  readonly failed: { readonly kind: FaultKind; readonly error: unknown }[] = [];
  readonly #deps: FaultDeps;

  constructor(deps: FaultDeps) {
    this.#deps = deps;
  }

  /** Resolves when all are over. */
  async run(plan: readonly PlannedFault[]): Promise<void> {
    await Promise.all(
      plan.map(async ({ kind, atMs }) => {
        await pause(atMs);
        try {
          const { target, startedAt } = await performFault(kind, this.#deps);
          this.done.push({ kind, target, startedAt, endedAt: Date.now() });
        } catch (error) {
          this.failed.push({ kind, error });
        }
      }),
    );
  }
}
