import { type ClientTelemetry, mergeTelemetry } from './client-telemetry.ts';

/** What waits to be stored: one entry per client, oldest first, at most `maxClients`. */
export class TelemetryQueue {
  readonly #entries = new Map<string, ClientTelemetry>();
  readonly #maxClients: number;

  constructor(maxClients: number) {
    this.#maxClients = maxClients;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @returns the entry that had to go for it, the oldest */
  add(telemetry: ClientTelemetry): ClientTelemetry | undefined {
    const known = this.#entries.get(telemetry.clientUuid);
    this.#entries.set(
      telemetry.clientUuid,
      known === undefined ? telemetry : mergeTelemetry(known, telemetry),
    );
    return this.#overflow();
  }

  /** Puts back what could not be stored; anything newer stays on top of it. @returns the entry that had to go for it */
  restore(telemetry: ClientTelemetry): ClientTelemetry | undefined {
    const newer = this.#entries.get(telemetry.clientUuid);
    this.#entries.set(
      telemetry.clientUuid,
      newer === undefined ? telemetry : mergeTelemetry(telemetry, newer),
    );
    return this.#overflow();
  }

  /** Takes the oldest out, at most `limit`, in the order of their UUIDs: all writers lock rows in one order. */
  take(limit: number): readonly ClientTelemetry[] {
    const batch: ClientTelemetry[] = [];
    for (const [client, telemetry] of this.#entries) {
      if (batch.length === limit) break;
      batch.push(telemetry);
      this.#entries.delete(client);
    }
    return batch.sort((a, b) => (a.clientUuid < b.clientUuid ? -1 : 1));
  }

  #overflow(): ClientTelemetry | undefined {
    if (this.#entries.size <= this.#maxClients) return undefined;
    const [oldest] = this.#entries;
    if (oldest === undefined) return undefined;
    this.#entries.delete(oldest[0]);
    return oldest[1];
  }
}
