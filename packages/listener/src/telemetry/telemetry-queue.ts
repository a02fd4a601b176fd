import { addNewer, type ClientTelemetry } from './client-telemetry.ts';

/**
 * Messages of one client that are kept to be acknowledged with its entry; older ones tell nothing more. As many as it may
 * send at once: of a client that turns out to be unknown, each is refused and counted.
 */
const MAX_MESSAGES_PER_CLIENT = 256;

export interface TelemetryQueueLimits {
  readonly maxClients: number;
  /** Of all clients: an empty heartbeat takes room too. */
  readonly maxMessages: number;
  /** Of payloads. */
  readonly maxBytes: number;
}

/** What waits to be stored: one entry per client, oldest first, bounded in clients and bytes. */
export class TelemetryQueue {
  readonly #entries = new Map<string, ClientTelemetry>();
  readonly #limits: TelemetryQueueLimits;
  #messages = 0;
  #bytes = 0;

  constructor(limits: TelemetryQueueLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns the entries that had to go for it, the oldest */
  add(telemetry: ClientTelemetry): readonly ClientTelemetry[] {
    this.#count(telemetry, 1);
    const known = this.#entries.get(telemetry.clientUuid);
    if (known === undefined) this.#entries.set(telemetry.clientUuid, telemetry);
    else addNewer(known, telemetry);
    return this.#cutBack(known ?? telemetry);
  }

  /** Puts back what could not be stored; anything newer stays on top of it. @returns the entries that had to go for it */
  restore(telemetry: ClientTelemetry): readonly ClientTelemetry[] {
    this.#count(telemetry, 1);
    const newer = this.#entries.get(telemetry.clientUuid);
    if (newer !== undefined) addNewer(telemetry, newer);
    this.#entries.set(telemetry.clientUuid, telemetry);
    return this.#cutBack(telemetry);
  }

  /** Takes out what waits of one client. */
  takeOf(clientUuid: string): ClientTelemetry | undefined {
    const telemetry = this.#entries.get(clientUuid);
    this.#remove(clientUuid);
    return telemetry;
  }

  /** Takes the oldest out, at most `limit`, in the order of their UUIDs: all writers lock rows in one order. */
  take(limit: number): readonly ClientTelemetry[] {
    const batch: ClientTelemetry[] = [];
    for (const telemetry of this.#entries.values()) {
      if (batch.length === limit) break;
      batch.push(telemetry);
      this.#remove(telemetry.clientUuid);
    }
    return batch.sort((a, b) => (a.clientUuid < b.clientUuid ? -1 : 1));
  }

  #cutBack(changed: ClientTelemetry): readonly ClientTelemetry[] {
    this.#letOldMessagesGo(changed);
    if (!this.#isOverfull) return [];
    const gone: ClientTelemetry[] = [];
    for (const oldest of this.#entries.values()) {
      if (!this.#isOverfull) break;
      this.#remove(oldest.clientUuid);
      gone.push(oldest);
    }
    return gone;
  }

  #remove(clientUuid: string): void {
    const entry = this.#entries.get(clientUuid);
    if (entry === undefined) return;
    this.#entries.delete(clientUuid);
    this.#count(entry, -1);
  }

  get #isOverfull(): boolean {
    const { maxClients, maxMessages, maxBytes } = this.#limits;
    return this.size > maxClients || this.#messages > maxMessages || this.#bytes > maxBytes;
  }

  #count(entry: ClientTelemetry, sign: 1 | -1): void {
    this.#messages += sign * entry.messages.length;
    this.#bytes += sign * entry.bytes;
  }

  /** What newer messages have superseded isn't stored, so the broker may forget it now. */
  #letOldMessagesGo(entry: ClientTelemetry): void {
    const surplus = entry.messages.length - MAX_MESSAGES_PER_CLIENT;
    if (surplus <= 0) return;
    this.#count(entry, -1);
    for (const message of entry.messages.splice(0, surplus)) {
      entry.bytes -= message.payload.byteLength;
      message.acknowledge();
    }
    this.#count(entry, 1);
  }
}
