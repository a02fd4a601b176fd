import { addNewer, type ClientTelemetry } from './client-telemetry.ts';

interface Held {
  readonly telemetry: ClientTelemetry;
  readonly timer: NodeJS.Timeout;
}

export interface LockedClientsOptions {
  readonly retryAfterMs: number;
  readonly retry: (telemetry: ClientTelemetry) => void;
}

/**
 * Telemetry of clients whose row somebody else holds. What comes of them meanwhile joins it: a newer report that went past
 * an older one would be overwritten by it, or what only the older one tells would be lost.
 */
export class LockedClients {
  readonly #options: LockedClientsOptions;
  readonly #held = new Map<string, Held>();

  constructor(options: LockedClientsOptions) {
    this.#options = options;
  }

  /** Is tried again after a while. */
  hold(telemetry: ClientTelemetry): void {
    const { retryAfterMs, retry } = this.#options;
    const timer = setTimeout(() => {
      const held = this.#held.get(telemetry.clientUuid);
      this.#held.delete(telemetry.clientUuid);
      if (held !== undefined) retry(held.telemetry);
    }, retryAfterMs);
    this.#held.set(telemetry.clientUuid, { telemetry, timer });
  }

  /** @returns whether older telemetry of the client is held, which this has joined */
  join(newer: ClientTelemetry): boolean {
    const held = this.#held.get(newer.clientUuid);
    if (held === undefined) return false;
    addNewer(held.telemetry, newer);
    return true;
  }

  /** Nothing is tried again. */
  clear(): void {
    for (const { timer } of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
  }
}
