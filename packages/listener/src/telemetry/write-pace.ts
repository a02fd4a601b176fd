import { settledWithin } from '@infoscreen/service-kit';

/**
 * A message counts from when it is read, and what is late by this much still says that its sender lives. Longer, and a
 * screen that died while we stood still would look alive.
 */
const LONGEST_PAUSE_MS = 500;

/**
 * Lets reading go at the pace of writing while the database works: in a storm more waits at the broker than here, and nothing
 * has to be dropped. While the database doesn't work nobody waits for it.
 */
export class WritePace {
  #write: Promise<boolean> | undefined;
  #isStuck = false;

  /** @param write resolves when it is committed */
  began(write: Promise<unknown>): void {
    const ended = write.then(
      () => true,
      () => false,
    );
    this.#write = ended;
    void ended.then((isWritten) => {
      this.#isStuck = !isWritten;
      if (this.#write === ended) this.#write = undefined;
    });
  }

  /** @returns a promise after which to read on; `undefined` where there is nothing to wait for */
  pause(): Promise<void> | undefined {
    if (this.#isStuck || this.#write === undefined) return undefined;
    return settledWithin(LONGEST_PAUSE_MS, this.#write).then((hasEnded) => {
      if (!hasEnded) this.#isStuck = true;
    });
  }
}
