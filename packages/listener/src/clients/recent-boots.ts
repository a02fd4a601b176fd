/**
 * Boots that this replica has just seen stored, so that nobody asks the database for each: after a power cut every screen tells
 * its new boot in each of its messages. Bounded; a boot that isn't in here is looked up.
 */
export class RecentBoots {
  readonly #boots = new Map<string, string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(clientUuid: string, bootId: string): void {
    this.#boots.delete(clientUuid);
    this.#boots.set(clientUuid, bootId);
    if (this.#boots.size <= this.#limit) return;
    for (const oldest of this.#boots.keys()) {
      this.#boots.delete(oldest);
      return;
    }
  }

  has(clientUuid: string, bootId: string): boolean {
    return this.#boots.get(clientUuid) === bootId;
  }
}
