export interface ConnectAccount {
  readonly username: string;
  readonly password: string;
  readonly clientId: string;
}

export interface ConnectOrder {
  readonly host: string;
  readonly port: number;
  readonly accounts: readonly ConnectAccount[];
  /** Each connection, once accepted, sends a discovery, a heartbeat and a health report in the name of its account. */
  readonly comeback?: number;
}

/** Milliseconds since the epoch. */
export interface ConnectResult {
  readonly startedAt: number;
  /** When the last one was accepted by the broker. */
  readonly acceptedAt: number;
  /** Connections that had to be tried again. */
  readonly retries: number;
}
