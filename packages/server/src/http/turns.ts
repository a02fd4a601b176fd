export interface TurnLimits {
  /** Work that runs at the same time. */
  readonly parallel: number;
  /** Work that may wait for it; without end when left out. */
  readonly waiting?: number;
  /** What is thrown for work that may not even wait. */
  readonly refusal?: () => Error;
}

/** Lets so many pieces of work run at a time; the rest wait in their order. */
export function createTurns({
  parallel,
  waiting: maxWaiting = Number.POSITIVE_INFINITY,
  refusal = () => new Error('too many wait'),
}: TurnLimits): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= parallel) {
      if (waiting.length >= maxWaiting) throw refusal();
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      // The turn goes straight to the next in line, so that nobody slips in between.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
