export interface QueueOrder {
  /** A database of its own, of which it may be the owner. */
  readonly databaseUrl: string;
  readonly jobs: number;
  /** Before the clock starts, so that code and caches are warm. */
  readonly warmUpJobs: number;
}

/** Jobs that are being added at a time, and worked on. */
export const JOBS_AT_ONCE = 10;

/**
 * Adds jobs one by one, `JOBS_AT_ONCE` at a time, as requests of people would.
 * @returns jobs per second, from the first call until `untilDone` resolves
 */
export async function jobsPerSecond(
  jobs: number,
  add: (n: number) => Promise<unknown>,
  untilDone: (jobs: number) => Promise<void>,
): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const done = untilDone(jobs);
  await Promise.all(
    Array.from({ length: JOBS_AT_ONCE }, async () => {
      while (next < jobs) {
        next += 1;
        await add(next);
      }
    }),
  );
  await done;
  return jobs / ((performance.now() - startedAt) / 1000);
}

/** Counts what is done, and tells who waits for so many. */
export class DoneJobs {
  #done = 0;
  #waiting: { readonly jobs: number; readonly resolve: () => void } | undefined;

  count(jobs = 1): void {
    this.#done += jobs;
    if (this.#waiting === undefined || this.#done < this.#waiting.jobs) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }

  readonly untilDone = (jobs: number): Promise<void> => {
    this.#done = 0;
    return new Promise((resolve) => {
      this.#waiting = { jobs, resolve };
    });
  };
}
