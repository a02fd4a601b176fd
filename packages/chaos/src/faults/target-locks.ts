/** One fault at a time for each target; different targets are hit at the same time. */
export class TargetLocks {
  readonly #tails = new Map<string, Promise<unknown>>();

  isFree(name: string): boolean {
    return !this.#tails.has(name);
  }

  /** Runs `work` when what came before it for this target is over. */
  async hold<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result
      .catch(() => {})
      .then(() => {
        if (this.#tails.get(name) === tail) this.#tails.delete(name);
      });
    this.#tails.set(name, tail);
    return result;
  }
}
