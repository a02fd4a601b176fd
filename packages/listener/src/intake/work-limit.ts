/** Runs one task now or later. */
export type RunTask = <T>(task: () => Promise<T>) => Promise<T>;

/**
 * Runs at most a fixed number of tasks at a time, in the order in which they came. Tasks in the background have at most a
 * part of the places, and begin only while no other task waits: a flood of them holds up nothing else.
 */
export class WorkLimit {
  readonly #waiting: (() => void)[] = [];
  readonly #waitingInBackground: (() => void)[] = [];
  #free: number;
  #freeInBackground: number;

  constructor(size: number, inBackground = Math.max(1, Math.floor(size / 3))) {
    this.#free = size;
    this.#freeInBackground = inBackground;
  }

  readonly run: RunTask = async (task) => {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      this.#begin();
    });
    try {
      return await task();
    } finally {
      this.#free += 1;
      this.#begin();
    }
  };

  readonly runInBackground: RunTask = async (task) => {
    await new Promise<void>((resolve) => {
      this.#waitingInBackground.push(resolve);
      this.#begin();
    });
    try {
      return await task();
    } finally {
      this.#free += 1;
      this.#freeInBackground += 1;
      this.#begin();
    }
  };

  #begin(): void {
    while (this.#free > 0) {
      const next = this.#waiting.shift() ?? this.#nextInBackground();
      if (next === undefined) return;
      this.#free -= 1;
      next();
    }
  }

  #nextInBackground(): (() => void) | undefined {
    if (this.#freeInBackground === 0) return undefined;
    const next = this.#waitingInBackground.shift();
    if (next !== undefined) this.#freeInBackground -= 1;
    return next;
  }
}
