import { type ClientIdentity, identityBytes, mergeIdentity } from './client-identity.ts';

/**
 * What waits to be stored, in order per client: neighbours are merged where that changes nothing, and of one client no more is
 * given out until what was given out before is done. Nothing is ever dropped; whoever adds asks first whether there is room.
 */
export class IdentityQueue {
  /** Of each client what waits, oldest first; clients in the order in which they came. */
  readonly #waiting = new Map<string, ClientIdentity[]>();
  readonly #taken = new Set<string>();
  readonly #held = new Map<string, { messages: number; bytes: number }>();
  #messages = 0;
  #bytes = 0;

  /** Messages that wait or are being stored. */
  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of one client. */
  heldOf(clientUuid: string): { readonly messages: number; readonly bytes: number } {
    return this.#held.get(clientUuid) ?? { messages: 0, bytes: 0 };
  }

  add(identity: ClientIdentity): void {
    const { clientUuid } = identity;
    this.#count(identity, 1);
    const own = this.#waiting.get(clientUuid);
    if (own === undefined) {
      this.#waiting.set(clientUuid, [identity]);
      return;
    }
    const last = own.at(-1);
    const merged = last === undefined ? undefined : mergeIdentity(last, identity);
    if (merged === undefined) own.push(identity);
    else own[own.length - 1] = merged;
  }

  /** Of up to `limit` clients what comes next, in the order of their UUIDs: all writers lock rows in one order. */
  take(limit: number): readonly ClientIdentity[] {
    const batch: ClientIdentity[] = [];
    for (const [clientUuid, own] of this.#waiting) {
      if (batch.length === limit) break;
      if (this.#taken.has(clientUuid)) continue;
      const next = own.shift();
      if (own.length === 0) this.#waiting.delete(clientUuid);
      if (next === undefined) continue;
      this.#taken.add(clientUuid);
      batch.push(next);
    }
    return batch.sort((a, b) => (a.clientUuid < b.clientUuid ? -1 : 1));
  }

  /** It is dealt with. */
  done(identity: ClientIdentity): void {
    this.#taken.delete(identity.clientUuid);
    this.#count(identity, -1);
  }

  /** Puts back what could not be stored, before what came later. */
  restore(identity: ClientIdentity): void {
    this.#taken.delete(identity.clientUuid);
    this.#waiting.set(identity.clientUuid, [identity, ...(this.#waiting.get(identity.clientUuid) ?? [])]);
  }

  #count(identity: ClientIdentity, sign: 1 | -1): void {
    const messages = sign * identity.messages.length;
    const bytes = sign * identityBytes(identity);
    this.#messages += messages;
    this.#bytes += bytes;
    const own = this.#held.get(identity.clientUuid) ?? { messages: 0, bytes: 0 };
    own.messages += messages;
    own.bytes += bytes;
    if (own.messages === 0) this.#held.delete(identity.clientUuid);
    else this.#held.set(identity.clientUuid, own);
  }
}
