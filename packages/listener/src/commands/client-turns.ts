import { WorkLimit } from '../intake/work-limit.ts';

/** Work that is done client by client, in order; that of few clients at the same time. */
export class ClientTurns {
  readonly #limit: WorkLimit;
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(atOnce: number) {
    this.#limit = new WorkLimit(atOnce);
  }

  /** Whether something of this client is under way or waits. */
  has(client: string): boolean {
    return this.#tails.has(client);
  }

  /** @throws what the work threw, or the work before it of the same client: what follows is not to overtake it */
  run<T>(client: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(client);
    const own = (before ?? Promise.resolve()).then(() => this.#limit.run(work));
    this.#tails.set(client, own);
    const end = () => {
      if (this.#tails.get(client) === own) this.#tails.delete(client);
    };
    own.then(end, end);
    return own;
  }
}
