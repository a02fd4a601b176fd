import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../metrics/create-metrics.ts';

/** A loop that ran just now isn't unhealthy because its interval is short. */
const SHORTEST_STALE_AFTER_MS = 5000;

export interface LoopOptions {
  readonly name: string;
  /** From the end of one run to the start of the next. */
  readonly intervalMs: number;
  /**
   * One run; what it returns are counts, for the metrics. It may throw: the loop goes on.
   * @param stopping aborted when the loop is asked to stop: a long run ends early then
   */
  readonly runOnce: (stopping: AbortSignal) => Promise<Record<string, number>> | Promise<void>;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Share of the interval by which each pause is varied, so that replicas don't run in step. Default 0.1. */
  readonly jitter?: number;
}

export interface LoopStatus {
  readonly name: string;
  readonly lastSuccessAt: Date | null;
  /** The last success is younger than twice the interval. */
  readonly healthy: boolean;
  readonly lastError: string | null;
}

export interface Loop {
  start(): void;
  /** Ends after the run in flight, which it waits for. */
  stop(): Promise<void>;
  /** Runs at once, or once more right after the run in flight. */
  wake(): void;
  status(): LoopStatus;
}

/** Runs never overlap; errors end the run, never the loop; a failure and its end are logged once each. */
export function createLoop(options: LoopOptions): Loop {
  const { name, intervalMs, runOnce, logger, jitter = 0.1 } = options;
  const record = loopMetrics(options);
  let running: Promise<void> | undefined;
  let stopping = new AbortController();
  let isWoken = false;
  let endPause: (() => void) | undefined;
  let lastSuccessAt: Date | null = null;
  let lastError: string | null = null;

  const runGuarded = async () => {
    const startedAt = performance.now();
    try {
      const counts: unknown = await runOnce(stopping.signal);
      if (lastError !== null) logger.info('loop recovered', { loop: name });
      lastError = null;
      lastSuccessAt = new Date();
      record('success', startedAt, (counts ?? {}) as Record<string, number>);
    } catch (error) {
      if (lastError === null) logger.warn('loop failed, trying again', { loop: name, error });
      lastError = error instanceof Error ? error.message : String(error);
      record('failure', startedAt, {});
    }
  };
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs * (1 + jitter * (2 * Math.random() - 1)));
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async () => {
    while (!stopping.signal.aborted) {
      isWoken = false;
      await runGuarded();
      // Both may have changed during the run.
      if (!stopping.signal.aborted && !isWoken) await pause();
    }
  };

  return {
    start: () => {
      if (running !== undefined) return;
      stopping = new AbortController();
      running = run();
    },
    stop: async () => {
      stopping.abort();
      endPause?.();
      await running;
      running = undefined;
    },
    wake: () => {
      isWoken = true;
      endPause?.();
    },
    status: () => {
      const staleAfterMs = Math.max(2 * intervalMs, SHORTEST_STALE_AFTER_MS);
      const healthy = lastSuccessAt !== null && Date.now() - lastSuccessAt.getTime() < staleAfterMs;
      return { name, lastSuccessAt, healthy, lastError };
    },
  };
}

function loopMetrics({ name, metrics }: LoopOptions) {
  const runs = metrics?.counter('infoscreen_loop_runs_total', 'Runs of a loop.', ['loop', 'outcome']);
  const seconds = metrics?.histogram('infoscreen_loop_run_seconds', 'Duration of a run of a loop.', ['loop']);
  const items = metrics?.counter('infoscreen_loop_items_total', 'What the runs of a loop counted.', [
    'loop',
    'item',
  ]);
  return (outcome: 'success' | 'failure', startedAt: number, counts: Record<string, number>) => {
    runs?.inc({ loop: name, outcome });
    seconds?.observe({ loop: name }, (performance.now() - startedAt) / 1000);
    for (const [item, count] of Object.entries(counts)) {
      if (count > 0) items?.inc({ loop: name, item }, count);
    }
  };
}
