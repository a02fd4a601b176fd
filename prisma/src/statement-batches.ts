import type pg from 'pg';

export interface StatementBatchesOptions<Item, Result> {
  /** Does all of them in one transaction. @returns one result per item, in their order */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items of one batch, at most. */
  readonly maxItems: number;
  /** Of a batch no two items have the same key; the later one waits for the next batch. */
  readonly keyOf?: (item: Item) => string;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One statement for many callers: as soon as no other batch is in flight, all that has come meanwhile. No timer delays
 * anybody, and the busier it gets, the larger the batches. Each caller learns its own result after the commit.
 *
 * A batch that the database refuses for its content is halved until the item that it refuses is found; where the database is
 * at fault, all callers learn so.
 */
export class StatementBatches<Item, Result> {
  readonly #options: StatementBatchesOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #isFlushing = false;

  constructor(options: StatementBatchesOptions<Item, Result>) {
    this.#options = options;
  }

  /** @throws what the database threw for this item, or for its batch */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#isFlushing) return;
      this.#isFlushing = true;
      void this.#flushAll();
    });
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      // All that comes with the present network read belongs into the batch, and who is told of one acts before the next.
      await new Promise<void>((resolve) => setImmediate(resolve));
      await this.#flush(this.#take());
    }
    this.#isFlushing = false;
  }

  #take(): readonly Waiting<Item, Result>[] {
    const { maxItems, keyOf } = this.#options;
    const keys = new Set<string>();
    const taken: Waiting<Item, Result>[] = [];
    const left: Waiting<Item, Result>[] = [];
    for (const waiting of this.#waiting) {
      const key = keyOf?.(waiting.item);
      if (taken.length === maxItems || (key !== undefined && keys.has(key))) left.push(waiting);
      else taken.push(waiting);
      // Also of one that is left: those of one key keep their order.
      if (key !== undefined) keys.add(key);
    }
    this.#waiting = left;
    return taken;
  }

  async #flush(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    let results: readonly Result[];
    try {
      results = await this.#options.run(batch.map(({ item }) => item));
    } catch (error) {
      if (batch.length === 1 || !isRefusedForContent(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.#flush(batch.slice(0, middle));
      return this.#flush(batch.slice(middle));
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const result = results[index];
      if (result === undefined) reject(new Error('a batch told nothing of one of its items'));
      else resolve(result);
    }
  }
}

/** SQLSTATE classes 22 (data) and 23 (constraint): the same statement would fail again. */
function isRefusedForContent(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^2[23]/.test(code);
}

/** One of something per pool, made at its first use: the callers of one process share their batches. */
export function perPool<T>(create: (pool: pg.Pool) => T): (pool: pg.Pool) => T {
  const known = new WeakMap<pg.Pool, T>();
  return (pool) => {
    const existing = known.get(pool);
    if (existing !== undefined) return existing;
    const created = create(pool);
    known.set(pool, created);
    return created;
  };
}
